// startTransaction, commit, and abort in a catch.
export default async function up(db, client) {
  const session = client.startSession();
  session.startTransaction();
  try {
    await db.collection('orders').updateOne({ _id: 1 }, { $inc: { total: -5 } }, { session });
    await db.collection('orders').updateOne({ _id: 2 }, { $inc: { total: 5 } }, { session });
    await session.commitTransaction();
  } catch (error) {
    await session.abortTransaction();
    throw error;
  } finally {
    await session.endSession();
  }
}

export const rollback = db => db.collection('orders').bulkWrite([
  { updateOne: { filter: { _id: 1 }, update: { $inc: { total: 5 } } } },
  { updateOne: { filter: { _id: 2 }, update: { $inc: { total: -5 } } } },
]);

// The migration throws an error of its own after a write.
export default async function up(db) {
  await db.collection('orders').updateOne({ _id: 1 }, { $set: { before: true } });
  throw new Error('the data is not what was expected');
}

export async function rollback(db) {
  await db.collection('orders').updateOne({ _id: 1 }, { $unset: { before: '' } });
}

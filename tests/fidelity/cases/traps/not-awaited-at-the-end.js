// The last write is not awaited; it still arrives.
export default async function up(db) {
  await db.collection('orders').updateOne({ _id: 1 }, { $set: { first: true } });
  db.collection('orders').updateOne({ _id: 2 }, { $set: { last: true } });
}

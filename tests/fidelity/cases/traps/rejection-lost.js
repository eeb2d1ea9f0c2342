// A write that fails and that nobody awaits.
export default async function up(db) {
  db.collection('orders').insertOne({ _id: 1 });
  await db.collection('orders').updateOne({ _id: 2 }, { $set: { a: 1 } });
}

// updateOne({}) changes the first document there is.
export default async function up(db) {
  await db.collection('orders').updateOne({}, { $set: { hit: true } });
  await db.collection('orders').deleteOne({});
}

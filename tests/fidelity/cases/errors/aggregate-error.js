// Promise.any where all fail.
export default async function up(db) {
  await Promise.any([db.collection('orders').insertOne({ _id: 1 }), db.collection('orders').insertOne({ _id: 2 })]);
}

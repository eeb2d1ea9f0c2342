// A driver error that nobody catches.
export default async function up(db) {
  await db.collection('orders').updateOne({ _id: 1 }, { plain: 'document' });
}

// Rename a collection and leave a view under its old name.
export default async function up(db) {
  await db.collection('orders').rename('purchases');
  await db.createCollection('orders', { viewOn: 'purchases', pipeline: [] });
}

export async function rollback(db) {
  await db.collection('orders').drop();
  await db.collection('purchases').rename('orders');
}

// Several indexes at once, and their removal.
export default async function up(db) {
  await Promise.all([
    db.collection('users').createIndex({ name: 1 }, { name: 'idx_name' }),
    db.collection('users').createIndex({ 'address.city': 1, created: -1 }, { name: 'idx_city_created', sparse: true }),
    db.collection('orders').createIndexes([
      { key: { status: 1 }, name: 'idx_status' }, { key: { 'lines.sku': 1 }, name: 'idx_sku' },
    ]),
    db.collection('sessions').createIndex({ expires: 1 }, { expireAfterSeconds: 0 }),
  ]);
}

export async function rollback(db) {
  await db.collection('users').dropIndex('idx_name');
  await db.collection('users').dropIndex('idx_city_created');
  await db.collection('orders').dropIndex('idx_status');
  await db.collection('orders').dropIndex('idx_sku');
  await db.collection('sessions').drop();
}

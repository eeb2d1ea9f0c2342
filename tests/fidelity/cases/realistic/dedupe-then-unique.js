// Remove duplicates, then add a unique index.
export default async function up(db) {
  const orders = db.collection('orders');
  const groups = await orders.aggregate([
    { $sort: { _id: 1 } },
    { $group: { _id: { customer: '$customer', status: '$status' }, ids: { $push: '$_id' }, count: { $sum: 1 } } },
    { $match: { count: { $gt: 1 } } },
  ], { allowDiskUse: true }).toArray();
  for (const { ids } of groups) {
    const [, ...duplicates] = ids;
    await orders.deleteMany({ _id: { $in: duplicates } });
  }
  await orders.createIndex({ customer: 1, status: 1 }, { unique: true, name: 'customer_status_unique' });
}

export async function rollback(db) {
  await db.collection('orders').dropIndex('customer_status_unique');
}

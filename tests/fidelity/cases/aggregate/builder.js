// Stages added by the methods of the cursor.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const orders = db.collection('orders');
  const cursor = orders.aggregate()
    .match({ total: { $gte: 20 } }).sort({ _id: 1 }).skip(1).limit(5).unwind('$lines').lookup({
      from: 'users', localField: 'x', foreignField: 'y', as: 'u',
    })
    .project({ customer: 1, sku: '$lines.sku', n: { $size: '$u' } })
    .group({ _id: '$customer', skus: { $push: '$sku' } })
    .addStage({ $sort: { _id: 1 } })
    .redact({ $cond: [true, '$$KEEP', '$$PRUNE'] });
  await note('pipeline', cursor.pipeline);
  await attempt('result', () => cursor.toArray());
  await attempt('add a stage afterwards', () => cursor.limit(1));
  const given = [{ $match: { _id: 1 } }];
  const other = orders.aggregate(given);
  other.limit(1);
  await note('the caller\'s array', given);
  await attempt('sort forms', () => orders.aggregate([{ $project: { _id: 1 } }]).sort('_id').limit(1).toArray());
  await attempt('map', () => orders.aggregate([{ $sort: { _id: 1 } }, { $limit: 2 }]).map(doc => doc._id).toArray());
}

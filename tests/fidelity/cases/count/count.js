// countDocuments, estimatedDocumentCount, and the old count.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  const orders = db.collection('orders');
  await attempt('all', () => orders.countDocuments());
  await attempt('filter', () => orders.countDocuments({ status: 'paid' }));
  await attempt('none', () => orders.countDocuments({ status: 'nope' }));
  await attempt('limit, skip', () => orders.countDocuments({}, { limit: 5, skip: 10 }));
  await attempt('limit 0', () => orders.countDocuments({}, { limit: 0 }));
  await attempt('collation', () => orders.countDocuments({ status: 'PAID' }, { collation: { locale: 'en', strength: 2 } }));
  await attempt('hint', () => orders.countDocuments({}, { hint: '_id_' }));
  await attempt('wrong hint', () => orders.countDocuments({}, { hint: 'nope' }));
  await attempt('wrong operator', () => orders.countDocuments({ $nope: 1 }));
  await attempt('null options', () => orders.countDocuments({}, null));
  await attempt('estimated', () => orders.estimatedDocumentCount());
  await attempt('estimated with options', () => orders.estimatedDocumentCount({ maxTimeMS: 1000, comment: 'x' }));
  await attempt('nowhere', async () => [
    await db.collection('nowhere').countDocuments(), await db.collection('nowhere').estimatedDocumentCount(),
  ]);
  await attempt('old count', () => orders.count({ status: 'paid' }));
  await attempt('old count of all', () => orders.count());
  await attempt('old count, limit', () => orders.count({}, { limit: 4, skip: 1 }));
  await attempt('count of a cursor', () => orders.find({ status: 'paid' }).count());
  await attempt('count of a cursor with limit and skip', () => orders.find({}).skip(2).limit(3).count());
}

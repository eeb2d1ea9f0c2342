// Options of aggregate.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  const orders = db.collection('orders');
  const run = (label, options, pipeline = [
    { $sort: { _id: 1 } }, { $limit: 2 }, { $project: { _id: 1 } },
  ]) => attempt(label, () => orders.aggregate(pipeline, options).toArray());
  await run('allowDiskUse', { allowDiskUse: true });
  await run('batchSize', { batchSize: 1 });
  await run('cursor', { cursor: { batchSize: 1 } });
  await run('collation', { collation: { locale: 'en', strength: 1 } }, [{ $match: { status: 'PAID' } }, { $count: 'n' }]);
  await run('hint', { hint: '_id_' });
  await run('wrong hint', { hint: 'nope' });
  await run('comment, maxTimeMS', { comment: 'c', maxTimeMS: 5000 });
  await run('bypass', { bypassDocumentValidation: true }, [{ $limit: 1 }, { $merge: { into: 'strict' } }]);
  await run('not bypassed', {}, [{ $match: { _id: 2 } }, { $merge: { into: 'strict' } }]);
  await run('readConcern', { readConcern: { level: 'majority' } });
  await run('explain', { explain: 'nonsense' });
  await run('null', null);
  await attempt('no array', () => orders.aggregate({ $match: {} }).toArray());
  await attempt('nothing', async () => (await orders.aggregate().toArray()).length);
  await attempt('several arguments', () => orders.aggregate([{ $limit: 1 }], {}, () => {}).toArray());
  await attempt('unknown stage', () => orders.aggregate([{ $nope: {} }]).toArray());
  await attempt('stage of two', () => orders.aggregate([{ $match: {}, $limit: 1 }]).toArray());
  await attempt('wrong stage', () => orders.aggregate(['x']).toArray());
  await attempt('null stage', () => orders.aggregate([null]).toArray());
}

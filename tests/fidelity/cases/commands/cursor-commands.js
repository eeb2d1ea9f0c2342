// runCursorCommand.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  await attempt('find', () => db.runCursorCommand({
    find: 'orders', filter: { _id: { $lte: 2 } }, projection: { _id: 1 }, sort: { _id: 1 },
  }).toArray());
  await attempt(
    'batches', async () => (await db.runCursorCommand({ find: 'many', batchSize: 40 }).setBatchSize(50).toArray()).length
  );
  await attempt('listCollections', async () => (await db.runCursorCommand({
    listCollections: 1, filter: { name: 'orders' }, nameOnly: true,
  }).toArray()));
  await attempt('aggregate', () => db.runCursorCommand({ aggregate: 'orders', pipeline: [{ $count: 'n' }], cursor: {} }).next());
  await attempt('checkMetadataConsistency is no cursor here', () => db.runCursorCommand({ ping: 1 }).toArray());
  await attempt('fails', () => db.runCursorCommand({ find: 'orders', filter: { $nope: 1 } }).toArray());
  const cursor = db.runCursorCommand({ find: 'orders' });
  await note('methods', [typeof cursor.setComment, typeof cursor.setMaxTimeMS, typeof cursor.setBatchSize, cursor.command]);
  await attempt('clone', () => cursor.clone());
  await attempt('batchSize', () => cursor.batchSize(1));
  await attempt('maxTimeMS', () => cursor.maxTimeMS(1));
  await cursor.close();
}

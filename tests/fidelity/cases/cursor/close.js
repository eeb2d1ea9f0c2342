// close: early, twice, while there is more; what works afterwards.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const cursor = db.collection('many').find({}, { batchSize: 20, sort: { _id: 1 } });
  await cursor.next();
  await note('open', [cursor.closed, cursor.killed, cursor.bufferedCount(), typeof cursor.id]);
  await attempt('close', () => cursor.close());
  await note('closed', [cursor.closed, cursor.killed, cursor.bufferedCount()]);
  await attempt('close again', () => cursor.close());
  await attempt('next', () => cursor.next());
  await attempt('toArray', () => cursor.toArray());
  await attempt('hasNext', () => cursor.hasNext());
  const unused = db.collection('many').find();
  await attempt('close before use', () => unused.close());
  await note('unused', [unused.closed, unused.killed, unused.id]);
  await attempt('use it', () => unused.next());
  unused.rewind();
  await attempt('rewound', async () => (await unused.next()) !== null);
  await unused.close();
}

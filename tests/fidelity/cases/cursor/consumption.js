// toArray twice, next after the end, rewind, closed and killed.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const orders = db.collection('orders');
  const cursor = orders.find({ _id: { $lte: 3 } }, { projection: { _id: 1 }, sort: { _id: 1 } });
  await note('before', [cursor.closed, cursor.killed, cursor.id, cursor.bufferedCount()]);
  await attempt('toArray', () => cursor.toArray());
  await note('after', [cursor.closed, cursor.killed, cursor.id, cursor.bufferedCount()]);
  await attempt('toArray again', () => cursor.toArray());
  await attempt('next', () => cursor.next());
  await attempt('tryNext', () => cursor.tryNext());
  await attempt('hasNext', () => cursor.hasNext());
  await attempt('forEach', () => cursor.forEach(() => {}));
  await attempt(
    'for await', async () => { for await (const doc of cursor) throw new Error(`got ${doc._id}`); return 'nothing'; }
  );
  cursor.rewind();
  await note('rewound', [cursor.closed, cursor.killed, cursor.id]);
  await attempt('toArray', () => cursor.toArray());
  const other = orders.find({}, { sort: { _id: 1 }, limit: 2 });
  await attempt('next 1', async () => (await other.next())._id);
  await attempt('hasNext', () => other.hasNext());
  await attempt('next 2', async () => (await other.next())._id);
  await attempt('next 3', () => other.next());
  await attempt('next 4', () => other.next());
  await attempt('hasNext', () => other.hasNext());
}

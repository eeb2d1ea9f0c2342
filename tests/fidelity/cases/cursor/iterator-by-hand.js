// Symbol.asyncIterator used directly.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const cursor = db.collection('orders').find({}, { projection: { _id: 1 }, sort: { _id: 1 }, limit: 3 });
  const iterator = cursor[Symbol.asyncIterator]();
  await attempt('1', () => iterator.next());
  await attempt('2', () => iterator.next());
  await attempt('return', () => iterator.return());
  await attempt('after return', () => iterator.next());
  await note('closed', [cursor.closed, cursor.killed]);
  await note('no sync iterator', typeof cursor[Symbol.iterator]);
  await note('not thenable', typeof cursor.then);
  await note('await gives the cursor', (await cursor) === cursor);
  await attempt('spread', () => [...cursor]);
}

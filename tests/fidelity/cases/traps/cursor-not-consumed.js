// find() without consumption, await on a cursor, array methods on a cursor.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const cursor = await db.collection('orders').find({});
  await note('a cursor', [cursor.constructor.name, cursor.length, Array.isArray(cursor)]);
  await attempt('for of', () => { for (const doc of cursor) return doc; return undefined; });
  await attempt('filter is the query', async () => (await db.collection('orders').find({}).filter({ _id: 1 }).toArray()).length);
  await attempt('reduce', () => cursor.reduce((a, b) => a + b));
  await attempt('index', () => cursor[0]);
  await cursor.close();
}

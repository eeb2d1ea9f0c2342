// Depth: what is allowed, and what happens to cycles.
import { observe } from '../../support/observe.js';

const nested = (depth, wrap) => {
  let value = 1;
  for (let i = 0; i < depth; i += 1) value = wrap(value);
  return value;
};

export default async function up(db) {
  const { note, attempt } = observe(db);
  const things = db.collection('things');
  await things.insertOne({ _id: 1, v: nested(50, inner => ({ a: inner })) });
  await things.insertOne({ _id: 2, v: nested(50, inner => [inner]) });
  await things.insertOne({ _id: 3, v: nested(40, inner => ({ a: [inner, { b: inner === 1 ? inner : 0 }] })) });
  const shared = { x: 1 };
  await things.insertOne({ _id: 4, a: shared, b: shared, c: [shared, shared] });
  const loop = { _id: 5 };
  loop.self = loop;
  await attempt('a cycle', () => things.insertOne(loop));
  const list = [];
  list.push({ list });
  await attempt('a cycle through an array', () => things.insertOne({ _id: 6, list }));
  await note('read', (await things.find({ _id: { $lte: 4 } }).toArray()).map(doc => JSON.stringify(doc).length));
}

export async function rollback(db) {
  await db.collection('things').drop();
}

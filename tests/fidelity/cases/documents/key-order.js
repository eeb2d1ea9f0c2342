// The order of keys is kept, through spread, Object.assign, delete and re-adding.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const things = db.collection('things');
  const base = { z: 1, a: 2, _id: 1, m: { y: 1, b: 2 } };
  await things.insertOne(base);
  const doc = await things.findOne({ _id: 1 });
  const moved = { ...doc, first: 0, z: 9 };
  delete moved.a;
  moved.a = 'last';
  await things.replaceOne({ _id: 1 }, moved);
  await note('read', await things.findOne());
  await things.insertOne({ b: 1, _id: 2 });
  await things.insertMany([{ c: 1 }, { b: 2, _id: 4, a: 1 }].map((d, i) => ({ ...d, _id: i + 3 })));
  await note('keys', (await things.find().sort({ _id: 1 }).toArray()).map(Object.keys));
}

// Promise.all of inserts with ids of our own.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const things = db.collection('things');
  const results = await Promise.all(Array.from({ length: 30 }, (_, i) => things.insertOne({ _id: i, square: i * i })));
  await note('ids in order', results.map(result => result.insertedId));
  const settled = await Promise.allSettled([
    things.insertOne({ _id: 0 }), things.insertOne({ _id: 100 }), things.insertOne({ _id: 5 }),
  ]);
  await note('settled', settled.map(({ status, reason }) => [status, reason?.code]));
  await note('raced', typeof (await Promise.race([things.countDocuments(), new Promise(() => {})])));
  await note('any', (await Promise.any([things.insertOne({ _id: 1 }), things.insertOne({ _id: 101 })])).insertedId);
}

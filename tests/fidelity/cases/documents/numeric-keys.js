// Keys that look like array indices come first, in JavaScript, on both sides.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const things = db.collection('things');
  await things.insertOne({
    _id: 1, b: 1, 2: 'two', 1: 'one', a: 2, '-1': 'minus', '01': 'zero one', 4294967294: 'last index', 4294967295: 'no index',
    1.5: 'x',
  });
  await things.insertOne(new Map([['_id', 2], ['b', 1], ['2', 2], ['1', 1]]));
  const read = await things.find().toArray();
  await note('keys as read', read.map(Object.keys));
  for (const doc of read) await things.replaceOne({ _id: doc._id }, doc);
  await note('after writing back', (await things.find().toArray()).map(Object.keys));
}

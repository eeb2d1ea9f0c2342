// `_id` of several types side by side.
import { ObjectId, Long } from 'mongodb';
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const things = db.collection('things');
  await things.insertMany([
    { _id: 5 }, { _id: '5' }, { _id: new ObjectId('65f0a1b2c3d4e5f601234567') }, { _id: new Date(5) }, { _id: { a: 1, b: 2 } },
    { _id: true }, { _id: 5.5 }, { _id: '' },
  ]);
  await attempt('the same number as Long', () => things.insertOne({ _id: Long.fromNumber(5) }));
  await attempt('an array', () => things.insertOne({ _id: [1] }));
  await attempt('a regexp', () => things.insertOne({ _id: /x/ }));
  await attempt(
    'undefined becomes a new id', async () => (await things.insertOne({ _id: undefined, x: 1 })).insertedId.constructor.name
  );
  await things.deleteOne({ x: 1 });
  await note('order', (await things.find().sort({ _id: 1 }).toArray()).map(({ _id }) => _id));
  await note('key order in an id', [
    await things.countDocuments({ _id: { a: 1, b: 2 } }), await things.countDocuments({ _id: { b: 2, a: 1 } }),
  ]);
}

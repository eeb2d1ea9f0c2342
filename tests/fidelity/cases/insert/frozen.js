// A frozen object cannot be given an `_id`.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const things = db.collection('things');
  await attempt('with an id', () => things.insertOne(Object.freeze({ _id: 1, x: Object.freeze([1]) })));
  await attempt('without', () => things.insertOne(Object.freeze({ x: 1 })));
  await attempt('many', () => things.insertMany([Object.freeze({ x: 1 })]));
  await note('stored', await things.find().toArray());
}

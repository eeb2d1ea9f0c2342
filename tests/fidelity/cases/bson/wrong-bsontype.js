// Plain objects that carry `_bsontype`.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const things = db.collection('things');
  for (const [index, value] of [
    { _bsontype: 'ObjectId' }, { _bsontype: 'Nope' }, { _bsontype: 5 }, { _bsontype: 'Long', low: 1, high: 0 },
    { _bsontype: null, x: 1 },
  ].entries()) {
    await attempt(`${index}`, () => things.insertOne({ _id: index, value }));
  }
  await note('stored', await things.find().toArray());
}

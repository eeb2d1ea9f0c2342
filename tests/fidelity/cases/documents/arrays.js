// Arrays: holes, extra properties, array-likes, nested ones.
import { observe } from '../../support/observe.js';

class List extends Array {}

export default async function up(db) {
  const { note, attempt } = observe(db);
  const things = db.collection('things');
  await things.insertOne({
    _id: 1, holes: [1, , 3], empty: [], nested: [[], [[]]], extra: Object.assign([1], { more: 2 }), list: List.from([1, 2]),
    like: { 0: 'a', length: 1 }, long: Array.from({ length: 12 }, (_, i) => i),
  });
  await note('read', await things.findOne());
  await attempt('an array as the document', () => things.insertOne([1, 2]));
  await attempt('an array with an id', () => things.insertOne(Object.assign([5], { _id: 2 })));
  await things.deleteMany({ _id: { $ne: 1 } });
}

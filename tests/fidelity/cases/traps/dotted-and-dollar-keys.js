// Keys with dots, set by the server's operators.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const things = db.collection('things');
  await things.insertOne({ _id: 1, 'a.b': 1, c: { 'd.e': 2 } });
  await attempt('$set makes a path', () => things.updateOne({ _id: 1 }, { $set: { 'a.b': 5 } }));
  await attempt('$setField', () => things.updateOne({ _id: 1 }, [{ $replaceWith: { $setField: {
    field: { $literal: 'x.y' }, input: '$$ROOT', value: 'dotted',
  } } }]));
  await attempt('a key with a dollar', () => things.insertOne({ _id: 2, $price: 5 }));
  await note('stored', await things.find().sort({ _id: 1 }).toArray());
}

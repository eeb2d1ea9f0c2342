// A validator refuses: the error has errInfo.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const strict = db.collection('strict');
  await attempt('no name', () => strict.insertOne({ _id: 2 }));
  await attempt('a double age', () => strict.insertOne({ _id: 3, name: 'x', age: 1.5 }));
  await attempt('negative', () => strict.insertOne({ _id: 4, name: 'x', age: -1 }));
  await attempt('right', () => strict.insertOne({ _id: 5, name: 'x', age: 1 }));
  await attempt('many', () => strict.insertMany([{ _id: 6, name: 'y' }, { _id: 7 }, { _id: 8, name: 'z' }], { ordered: false }));
  await attempt('update', () => strict.updateOne({ _id: 5 }, { $set: { age: 'old' } }));
  await attempt('replace', () => strict.replaceOne({ _id: 5 }, { nothing: 1 }));
  await attempt('findOneAndUpdate', () => strict.findOneAndUpdate({ _id: 5 }, { $unset: { name: '' } }));
  await note('stored', await strict.find().toArray());
}

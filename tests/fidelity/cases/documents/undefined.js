// undefined is null in the driver's default settings, wherever it stands.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const things = db.collection('things');
  const doc = { _id: 1, a: undefined, b: [undefined, 1, undefined], c: { d: undefined }, e: [[undefined]] };
  await things.insertOne(doc);
  await note('the caller\'s object', doc);
  await things.updateOne({ _id: 1 }, { $set: { f: undefined } });
  await note('found by undefined', await things.find({ a: undefined }).toArray());
  await note('found by missing', await things.find({ zzz: undefined }).toArray());
  await things.replaceOne({ _id: 1 }, { x: undefined, y: void 0 });
  await note('replaced', await things.findOne());
}

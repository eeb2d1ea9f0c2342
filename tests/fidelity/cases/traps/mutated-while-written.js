// An object that is changed after the call but before the answer: what was given at the call counts, or not.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const things = db.collection('things');
  const doc = { _id: 1, n: 1 };
  const inserted = things.insertOne(doc);
  await inserted;
  doc.n = 2;
  await note('stored', await things.findOne({ _id: 1 }));
  const update = { $set: { m: 1 } };
  await things.updateOne({ _id: 1 }, update);
  await note('the update is left alone', update);
  const filter = { _id: 1 };
  const cursor = things.find(filter);
  filter._id = 99;
  await note('a filter changed before use', await cursor.toArray());
}

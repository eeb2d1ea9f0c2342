// `result._id` is not there; `insertedId` is.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const result = await db.collection('things').insertOne({ _id: 1 });
  await note('ids', [result._id, result.insertedId, result.ops, result.result, result.n, result.insertedCount]);
  const many = await db.collection('things').insertMany([{ _id: 2 }]);
  await note('many', [many.ops, many.result, many.insertedIds]);
  const update = await db.collection('things').updateOne({ _id: 1 }, { $set: { a: 1 } });
  await note('update', [update.result, update.nModified, update.n, update.value, update.modifiedCount]);
  const found = await db.collection('things').findOneAndUpdate({ _id: 1 }, { $set: { b: 1 } });
  await note('found', [found.value, found.ok, found.lastErrorObject, found._id]);
  const removed = await db.collection('things').deleteMany({});
  await note('removed', [removed.result, removed.n, removed.deletedCount]);
}

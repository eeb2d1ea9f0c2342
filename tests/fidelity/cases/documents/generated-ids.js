// Ids that the driver makes: their shape, and that they grow.
import { ObjectId } from 'mongodb';
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const things = db.collection('things');
  const docs = [{ n: 1 }, { n: 2 }, { n: 3 }];
  const result = await things.insertMany(docs);
  await note('shape of the result', [
    Object.keys(result), Object.keys(result.insertedIds), result.insertedCount, result.acknowledged,
  ]);
  const ids = docs.map(doc => doc._id);
  await note('all ObjectIds, growing, of one process', [
    ids.every(id => id instanceof ObjectId), ids[0].toString() < ids[1].toString(), ids[1].toString() < ids[2].toString(),
    new Set(ids.map(id => id.toHexString().slice(8, 18))).size, ids[0].toHexString().length,
    Math.abs(ids[0].getTimestamp() - Date.now()) < 60000,
  ]);
  await note('the same objects', Object.values(result.insertedIds).every((id, i) => id === ids[i]));
  for (const { _id, n } of docs) {
    await things.deleteOne({ _id });
    await things.insertOne({ _id: n, n });
  }
}

export const rollback = async db => { await db.collection('things').deleteMany({ _id: { $in: [1, 2, 3] } }); };

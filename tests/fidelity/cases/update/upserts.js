// Upserts: what the new document is made of.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const things = db.collection('things');
  await attempt('from the filter', () => things.updateOne({ _id: 1, a: 'x', 'b.c': 2 }, { $set: { d: 1 } }, { upsert: true }));
  await attempt('$eq and $and', () => things.updateOne(
    { _id: { $eq: 2 }, $and: [{ k: 1 }] }, { $setOnInsert: { d: 1 } }, { upsert: true }
  ));
  await attempt('$in does not count', () => things.updateOne(
    { _id: 3, z: { $in: [1, 2] } }, { $set: { d: 1 } }, { upsert: true }
  ));
  await attempt('replace', () => things.replaceOne({ _id: 4, gone: 1 }, { kept: 1 }, { upsert: true }));
  await attempt('replace with an id', () => things.replaceOne({ x: 5 }, { _id: 5, x: 5 }, { upsert: true }));
  await attempt('pipeline', () => things.updateOne({ _id: 6 }, [{ $set: { made: 'by pipeline' } }], { upsert: true }));
  await attempt('conflicting id', () => things.updateOne({ _id: 7 }, { $set: { _id: 8 } }, { upsert: true }));
  const result = await things.updateOne({ fresh: true }, { $set: { d: 1 } }, { upsert: true });
  await note('generated id', [result.upsertedId?.constructor.name, result.upsertedCount, result.matchedCount]);
  await things.deleteOne({ fresh: true });
  await note('stored', await things.find().sort({ _id: 1 }).toArray());
}

export const rollback = db => db.collection('things').drop();

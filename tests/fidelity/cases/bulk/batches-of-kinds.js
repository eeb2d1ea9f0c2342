// Mixed kinds are sent in runs; the index in an error is that of the caller's list.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const things = db.collection('things');
  await things.createIndex({ k: 1 }, { unique: true });
  await attempt(
    'alternating',
    () => things.bulkWrite(Array.from(
      { length: 12 },
      (_, i) => (i % 2 ? { updateOne: { filter: { _id: i - 1 }, update: { $set: { odd: i } } } } : { insertOne: { document: { _id: i, k: i } } })
    ))
  );
  await attempt('fails at 3', () => things.bulkWrite([
    { updateOne: { filter: { _id: 0 }, update: { $set: { x: 1 } } } }, { insertOne: { document: { _id: 50, k: 50 } } },
    { deleteOne: { filter: { _id: 2 } } }, { updateOne: { filter: { _id: 4 }, update: { $set: { k: 0 } } } },
    { insertOne: { document: { _id: 51, k: 51 } } },
  ]));
  await attempt('upsert indexes', () => things.bulkWrite([
    { insertOne: { document: { _id: 60, k: 60 } } }, { updateOne: {
      filter: { _id: 61 }, update: { $set: { k: 61 } }, upsert: true,
    } }, { deleteOne: { filter: { _id: 60 } } }, { replaceOne: { filter: { _id: 62 }, replacement: { k: 62 }, upsert: true } },
  ], { ordered: false }));
  await note('stored', await things.find().sort({ _id: 1 }).toArray());
}

// Ids made for bulk inserts, and where the caller sees them.
import { ObjectId } from 'mongodb';
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const things = db.collection('things');
  const doc = { n: 1 };
  const bare = { n: 2 };
  const result = await things.bulkWrite([
    { insertOne: { document: doc } }, { insertOne: bare },
    { updateOne: { filter: { n: 9 }, update: { $set: { n: 9 } }, upsert: true } },
  ]);
  await note('kinds', [
    doc._id instanceof ObjectId, bare._id instanceof ObjectId, result.insertedIds[0] === doc._id,
    result.insertedIds[1] === bare._id, result.upsertedIds[2] instanceof ObjectId,
  ]);
  await note('keys', [Object.keys(doc), Object.keys(bare)]);
  await things.deleteMany({});
  const op = { insertOne: { document: { n: 3 } } };
  await things.bulkWrite([op], { forceServerObjectId: true });
  await note('left alone', op);
  await things.deleteMany({});
}

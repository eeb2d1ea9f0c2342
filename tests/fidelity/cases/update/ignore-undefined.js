// ignoreUndefined on the operation, the collection and the database.
import { observe } from '../../support/observe.js';

export default async function up(db, client) {
  const { note } = observe(db);
  await db.collection('a').insertOne({ _id: 1, x: undefined, y: [undefined, 1], z: { q: undefined } }, { ignoreUndefined: true });
  await db.collection('a', { ignoreUndefined: true }).insertOne({ _id: 2, x: undefined });
  await client.db(db.databaseName, { ignoreUndefined: true }).collection('a').insertOne({ _id: 3, x: undefined });
  await client.db(db.databaseName, { ignoreUndefined: true }).collection('a', { ignoreUndefined: false }).insertOne({ _id: 4, x: undefined });
  await db.collection('a', { ignoreUndefined: true }).insertMany([{ _id: 5, x: undefined }, { _id: 6, x: undefined }]);
  await db.collection('a').bulkWrite(
    [
      { insertOne: { document: { _id: 7, x: undefined } } },
      { updateOne: { filter: { _id: 1 }, update: { $set: { late: undefined, n: 1 } } } },
    ],
    { ignoreUndefined: true }
  );
  await db.collection('a').updateOne({ _id: 1, nothing: undefined }, { $set: { found: true } }, { ignoreUndefined: true });
  await db.collection('a').findOneAndUpdate({ _id: 2 }, { $set: { u: undefined, v: 1 } }, { ignoreUndefined: true });
  await db.collection('a').replaceOne({ _id: 3 }, { u: undefined, w: 1 }, { ignoreUndefined: true });
  await note('found', await db.collection('a').find({ x: undefined }, { ignoreUndefined: true }).toArray());
  await note('counted', [
    await db.collection('a').countDocuments({ x: undefined }, { ignoreUndefined: true }),
    await db.collection('a').countDocuments({ x: undefined }),
  ]);
  await note('as collection says', await db.collection('a', { ignoreUndefined: true }).find({ x: undefined }).toArray());
}

export const rollback = db => db.collection('a').drop();

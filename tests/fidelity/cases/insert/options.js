// Options of inserts: forceServerObjectId, bypassDocumentValidation, comment, checkKeys, unknown ones.
import { ObjectId } from 'mongodb';
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const things = db.collection('things');
  const doc = { n: 1 };
  const result = await things.insertOne(doc, { forceServerObjectId: true });
  await note('the caller\'s object has no id', [Object.keys(doc), Object.keys(result), result.insertedId]);
  const stored = await things.findOne();
  await note('the server gave one', [Object.keys(stored), stored._id instanceof ObjectId]);
  await things.deleteMany({});
  const docs = [{ n: 1 }, { n: 2 }];
  const many = await things.insertMany(docs, { forceServerObjectId: true });
  await note('many', [Object.keys(docs[0]), many.insertedIds, many.insertedCount]);
  await things.deleteMany({});
  await attempt('bypass', () => db.collection('strict').insertOne({ _id: 9, name: 5 }, { bypassDocumentValidation: true }));
  await attempt(
    'bypass false', () => db.collection('strict').insertOne({ _id: 10, name: 5 }, { bypassDocumentValidation: false })
  );
  await attempt('comment', () => things.insertOne({ _id: 1 }, {
    comment: 'c', nonsense: true, multi: true, useNewUrlParser: true,
  }));
  await attempt('checkKeys', () => things.insertOne({ _id: 2, 'a.b': 1 }, { checkKeys: true }));
  await attempt('checkKeys dollar', () => things.insertOne({ _id: 3, $a: 1 }, { checkKeys: true }));
  await attempt('options null', () => things.insertOne({ _id: 4 }, null));
  await attempt('many options null', () => things.insertMany([{ _id: 5 }], null));
}

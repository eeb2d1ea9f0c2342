// An `_id` that is undefined or null is replaced by a new one; the caller sees it.
import { ObjectId } from 'mongodb';
import { observe } from '../../support/observe.js';

export async function up(db) {
  const { note } = observe(db);
  const things = db.collection('things');
  for (const [index, doc] of [{ _id: undefined, n: 0 }, { _id: null, n: 1 }, { n: 2 }, { n: 3, _id: undefined }].entries()) {
    const result = await things.insertOne(doc);
    await note(`keys ${index}`, Object.keys(doc));
    await note(`is an ObjectId ${index}`, doc._id instanceof ObjectId && result.insertedId === doc._id);
  }
  await note('stored', await things.find({}, { projection: { _id: 0 } }).sort({ n: 1 }).toArray());
  await note('order of keys', (await things.find().sort({ n: 1 }).toArray()).map(Object.keys));
  await things.drop();
}

// The same object inserted twice keeps its first `_id` and collides.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const things = db.collection('things');
  const doc = { x: 1 };
  await things.insertOne(doc);
  try {
    await things.insertOne(doc);
  } catch (error) {
    await note('code', [error.code, error.name]);
  }
  await things.insertOne({ ...doc, _id: undefined });
  await note('count', await things.countDocuments());
  await things.deleteMany({});
}

// More documents than one command takes, in one call.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const things = db.collection('things');
  const docs = Array.from({ length: 1500 }, (_, i) => ({ _id: i, pad: 'x'.repeat(40) }));
  const result = await things.insertMany(docs);
  await note('result', [result.insertedCount, Object.keys(result.insertedIds).length, result.insertedIds[1499]]);
  await things.deleteMany({ _id: { $gte: 3 } });
}

export async function rollback(db) {
  await db.collection('things').drop();
}

// A long list is split; results and indexes are put together again.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const many = db.collection('many');
  const operations = Array.from({ length: 1200 }, (_, i) => ({ updateOne: {
    filter: { _id: i }, update: { $set: { n: i * 2 } }, upsert: i % 100 === 0,
  } }));
  const result = await many.bulkWrite(operations, { ordered: false });
  await note('result', [result.matchedCount, result.modifiedCount, result.upsertedCount, result.upsertedIds]);
  await many.deleteMany({ _id: { $gte: 250 } });
}

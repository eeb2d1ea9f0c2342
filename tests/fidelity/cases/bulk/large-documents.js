// 20 MB in one call: more than one message.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const things = db.collection('things');
  const text = 'x'.repeat(5 * 1024 * 1024);
  const result = await things.insertMany([1, 2, 3, 4].map(_id => ({ _id, text: text + _id })));
  await note('result', [result.insertedCount, result.insertedIds]);
  await note('sizes', await things.aggregate([{ $sort: { _id: 1 } }, { $project: { n: { $strLenCP: '$text' } } }]).toArray());
  await things.updateMany({}, { $unset: { text: '' } });
}

// clone: a fresh cursor with the same query.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const cursor = db.collection('orders').find({ _id: { $gt: 9 } }).sort({ _id: -1 }).project({ _id: 1 }).limit(2).map(doc => doc._id);
  await attempt('original', () => cursor.toArray());
  const copy = cursor.clone();
  await note('another, open one', [copy !== cursor, copy.closed, copy.constructor === cursor.constructor]);
  await attempt('copy', () => copy.toArray());
  copy.rewind();
  await attempt('copy of a copy', () => copy.clone().limit(1).toArray());
  const aggregation = db.collection('orders').aggregate([{ $sort: { _id: 1 } }]).limit(1);
  await attempt('aggregation', () => aggregation.clone().project({ _id: 1 }).toArray());
  await note('the original pipeline', aggregation.pipeline);
  await attempt('listCollections', () => db.listCollections({ name: 'orders' }, { nameOnly: true }).clone().toArray());
}

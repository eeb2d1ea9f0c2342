// Keys cannot hold a null byte; strings can.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const things = db.collection('things');
  await attempt('key', () => things.insertOne({ _id: 1, 'a\0b': 1 }));
  await attempt('key inside', () => things.insertOne({ _id: 2, x: { '\0': 1 } }));
  await attempt('value', () => things.insertOne({ _id: 3, x: 'a\0b', y: '\0' }));
  await attempt('query', () => things.find({ 'a\0': 1 }).toArray());
  await note('read', await things.find().toArray());
}

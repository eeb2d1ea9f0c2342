// What the server refuses.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  const users = db.collection('users');
  await attempt('$inc of a text', () => users.updateOne({ email: 'edsger@example.com' }, { $inc: { age: 1 } }));
  await attempt('$push to no array', () => users.updateOne({ age: 36 }, { $push: { name: 1 } }));
  await attempt('conflict', () => users.updateOne({ age: 36 }, { $set: { a: 1 }, $inc: { a: 1 } }));
  await attempt('changing the id', () => users.updateOne({ age: 36 }, { $set: { _id: 5 } }));
  await attempt('unique', () => users.updateOne({ age: 36 }, { $set: { email: 'grace@example.com' } }));
  await attempt('unique, many', () => users.updateMany({}, { $set: { email: 'same@example.com' } }));
  await attempt('through a text', () => users.updateOne({ age: 36 }, { $set: { 'name.first': 1 } }));
  await attempt('empty path', () => users.updateOne({ age: 36 }, { $set: { '': 1 } }));
  await attempt('$rename to itself', () => users.updateOne({ age: 36 }, { $rename: { age: 'age' } }));
  await attempt('unknown filter operator', () => users.updateOne({ age: { $nonsense: 1 } }, { $set: { a: 1 } }));
  await attempt('arrayFilters unused', () => users.updateOne({ age: 36 }, { $set: { a: 1 } }, { arrayFilters: [{ 'x.y': 1 }] }));
}

// insertOne: result, the caller's object, duplicates.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const users = db.collection('users');
  const doc = { _id: 'a', email: 'a@example.com' };
  await attempt('result', () => users.insertOne(doc));
  await note('doc', doc);
  await attempt('duplicate id', () => users.insertOne({ _id: 'a', email: 'b@example.com' }));
  await attempt('duplicate email', () => users.insertOne({ _id: 'b', email: 'a@example.com' }));
  await attempt('no email', () => users.insertOne({ _id: 'c' }));
  await attempt('no email again', () => users.insertOne({ _id: 'd' }));
  await attempt('null', () => users.insertOne(null));
  await attempt('nothing', () => users.insertOne());
  await attempt('text', () => users.insertOne('text'));
  await attempt('number', () => users.insertOne(5));
}

export async function rollback(db) {
  await db.collection('users').deleteMany({ _id: { $type: 'string' } });
}

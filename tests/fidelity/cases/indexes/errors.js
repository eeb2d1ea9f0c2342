// Conflicting options, duplicates in the data, wrong specifications.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  const users = db.collection('users');
  await attempt('duplicates', () => users.createIndex({ active: 1 }, { unique: true }));
  await attempt('same keys, other options', () => users.createIndex({ email: 1 }));
  await attempt('same name, other keys', () => users.createIndex({ name: 1 }, { name: 'email_unique' }));
  await attempt('wrong direction', () => users.createIndex({ name: 'sideways' }));
  await attempt('direction 0', () => users.createIndex({ name: 0 }));
  await attempt('empty', () => users.createIndex({}));
  await attempt('null', () => users.createIndex(null));
  await attempt('nothing', () => users.createIndex());
  await attempt('wrong ttl', () => users.createIndex({ created: 1 }, { expireAfterSeconds: 'x' }));
  await attempt('wrong partial filter', () => users.createIndex({ name: 1 }, { partialFilterExpression: { $nope: 1 } }));
  await attempt('id', () => users.createIndex({ _id: 1 }));
  await attempt('id descending', () => users.createIndex({ _id: -1 }));
  await attempt('unique undefined', () => users.createIndex({ undef: 1 }, { unique: undefined, sparse: undefined }));
  await attempt('null options', () => users.createIndex({ nullish: 1 }, null));
}

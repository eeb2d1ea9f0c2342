// What the driver refuses before it sends anything, and what it lets through.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  const users = db.collection('users');
  await attempt('no operators', () => users.updateOne({ age: 36 }, { name: 'x' }));
  await attempt('empty update', () => users.updateOne({ age: 36 }, {}));
  await attempt('no update', () => users.updateOne({ age: 36 }));
  await attempt('null update', () => users.updateOne({ age: 36 }, null));
  await attempt('mixed', () => users.updateOne({ age: 36 }, { $set: { a: 1 }, b: 1 }));
  await attempt('mixed, other way round', () => users.updateOne({ age: 36 }, { b: 1, $set: { a: 1 } }));
  await attempt('empty $set', () => users.updateOne({ age: 36 }, { $set: {} }));
  await attempt('undefined $set', () => users.updateOne({ age: 36 }, { $set: undefined }));
  await attempt('unknown operator', () => users.updateOne({ age: 36 }, { $nonsense: { a: 1 } }));
  await attempt('text', () => users.updateOne({ age: 36 }, 'text'));
  await attempt('no arguments', () => users.updateOne());
  await attempt('null filter', () => users.updateOne(null, { $set: { q: 1 } }));
  await attempt('undefined filter', () => users.updateMany(undefined, { $set: { q: 2 } }));
  await attempt('text filter', () => users.updateOne('text', { $set: { q: 3 } }));
  await attempt('many, no operators', () => users.updateMany({}, { name: 'x' }));
  await attempt('many, empty pipeline', () => users.updateMany({ age: 36 }, []));
  await attempt('pipeline with a wrong stage', () => users.updateMany({ age: 36 }, [{ $nonsense: 1 }]));
  await attempt('null options', () => users.updateOne({ age: 36 }, { $set: { n: 1 } }, null));
}

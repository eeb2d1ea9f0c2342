// hint, collation, sort, comment, let, bypassDocumentValidation, and options the driver does not know.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const users = db.collection('users');
  await attempt('collation', () => users.updateOne(
    { email: 'alan@example.com' }, { $set: { found: 1 } }, { collation: { locale: 'en', strength: 2 } }
  ));
  await attempt('hint by name', () => users.updateOne({ age: 41 }, { $set: { found: 2 } }, { hint: 'age_1_name_-1' }));
  await attempt('hint by keys', () => users.updateMany({ age: 41 }, { $set: { found: 3 } }, { hint: { age: 1, name: -1 } }));
  await attempt('hint that does not exist', () => users.updateMany({ age: 41 }, { $set: { found: 4 } }, { hint: 'nope' }));
  await attempt('sort', () => users.updateOne({}, { $set: { first: true } }, { sort: { email: -1 } }));
  await attempt('sort as array', () => users.updateOne({}, { $set: { second: true } }, { sort: [['email', 1]] }));
  await attempt('sort as text', () => users.updateOne({}, { $set: { third: true } }, { sort: 'email' }));
  await attempt('multi is ignored', () => users.updateOne({ active: true }, { $set: { multi: true } }, { multi: true }));

  await note('users', await users.find().sort({ email: 1 }).toArray());
}

// Every method of a find cursor that shapes the query.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const users = db.collection('users');
  const email = { email: 1, _id: 0 };
  await attempt('filter', () => users.find().filter({ age: 36 }).project(email).toArray());
  await attempt('sort with direction', () => users.find().sort('email', -1).project(email).toArray());
  await attempt('sort word', () => users.find().sort('email', 'descending').project(email).toArray());
  await attempt('sort list', () => users.find().sort([['age', 1], ['email', -1]]).project(email).toArray());
  await attempt('sort pair', () => users.find().sort(['email', 'desc']).project(email).toArray());
  await attempt('limit, skip', () => users.find().sort({ email: 1 }).skip(1).limit(2).project(email).toArray());
  await attempt(
    'min and max',
    () => users.find().min({ age: 36, name: 'B' }).max({ age: 50, name: 'A' }).hint({ age: 1, name: -1 }).project(email).toArray()
  );
  await attempt('returnKey', () => users.find({ age: 36 }).hint('age_1_name_-1').returnKey(true).toArray());
  await attempt(
    'showRecordId', async () => (await users.find({ age: 36 }).showRecordId(true).project(email).toArray()).map(Object.keys)
  );
  await attempt(
    'collation', () => users.find({ email: 'alan@example.com' }).collation({ locale: 'en', strength: 2 }).project(email).toArray()
  );
  await attempt(
    'comment, maxTimeMS, allowDiskUse, batchSize',
    () => users.find({ age: 36 }).comment('c').maxTimeMS(1000).allowDiskUse().batchSize(1).project(email).sort({ a: 1 }).toArray()
  );
  await attempt(
    'addQueryModifier',
    () => users.find({ age: { $exists: true } }).addQueryModifier('$orderby', { email: -1 }).addQueryModifier('$comment', 'x').project(email).toArray()
  );
  await attempt('wrong modifier', () => users.find().addQueryModifier('orderby', {}));
  await attempt('unknown modifier', () => users.find().addQueryModifier('$nope', {}));
  await attempt('addCursorFlag', () => users.find({ age: 36 }).addCursorFlag('noCursorTimeout', true).project(email).toArray());
  await attempt('wrong flag', () => users.find().addCursorFlag('nope', true));
  await attempt('flag no boolean', () => users.find().addCursorFlag('tailable', 1));
  await attempt('count', () => users.find({ age: { $exists: true } }).limit(2).count());
  await attempt(
    'withReadPreference',
    () => users.find({ age: 36 }).withReadPreference('primary').withReadConcern({ level: 'local' }).project(email).toArray()
  );
  await attempt('withReadConcern text', () => users.find({ age: 36 }).withReadConcern('majority').project(email).toArray());
  await attempt('wrong read preference', () => users.find().withReadPreference(5));
  await attempt('wrong limit', () => users.find().limit('x'));
  await attempt('wrong skip', () => users.find().skip('x'));
  await attempt('wrong batchSize', () => users.find().batchSize('x'));
  await attempt('wrong maxTimeMS', () => users.find().maxTimeMS('x'));
  await attempt('wrong maxAwaitTimeMS', () => users.find().maxAwaitTimeMS('x'));
  await attempt('wrong allowDiskUse', () => users.find().allowDiskUse());
  const cursor = users.find();
  await note('they give the cursor', [
    cursor.sort({ a: 1 }) === cursor, cursor.limit(1) === cursor, cursor.project({}) === cursor, cursor.map(x => x) === cursor,
    cursor.batchSize(1) === cursor, cursor.hint('x') === cursor, cursor.filter({}) === cursor,
  ]);
}

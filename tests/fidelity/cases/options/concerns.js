// writeConcern and readConcern on the operation, the collection, the database.
import { observe } from '../../support/observe.js';

export default async function up(db, client) {
  const { attempt } = observe(db);
  const things = db.collection('things', { writeConcern: { w: 'majority' }, readConcern: { level: 'majority' } });
  await attempt('majority', () => things.insertOne({ _id: 1 }));
  await attempt(
    'journal', () => db.collection('things').insertOne({ _id: 2 }, { writeConcern: { w: 1, j: true, wtimeoutMS: 1000 } })
  );
  await attempt('of the database', () => client.db(db.databaseName, {
    writeConcern: { w: 1 }, readPreference: 'primaryPreferred',
  }).collection('things').updateOne({ _id: 1 }, { $set: { a: 1 } }));
  await attempt('unknown mode', () => db.collection('things').insertOne({ _id: 3 }, { writeConcern: { w: 'nowhere' } }));
  await attempt('too many', () => db.collection('things').insertOne({ _id: 4 }, { writeConcern: { w: 5, wtimeoutMS: 50 } }));
  await attempt('read', () => db.collection('things').find({}, {
    readConcern: { level: 'local' }, readPreference: 'secondaryPreferred', sort: { _id: 1 },
  }).toArray());
  await attempt('wrong level', () => db.collection('things').find({}, { readConcern: { level: 'nope' } }).toArray());
  await attempt('legacy w', () => db.collection('things').insertOne({ _id: 5 }, { w: 1, j: true }));
}

// The same options given to the collection or the database.
import { observe } from '../../support/observe.js';

export default async function up(db, client) {
  const { attempt, note } = observe(db);
  const big = { _id: 'longBig' };
  await attempt('collection', () => db.collection('types', { useBigInt64: true }).findOne(big));
  await attempt('database', () => client.db(db.databaseName, { useBigInt64: true }).collection('types').findOne(big));
  await attempt('operation wins', () => db.collection('types', { useBigInt64: true }).findOne(big, { useBigInt64: false }));
  await attempt(
    'collection wins',
    () => client.db(db.databaseName, { useBigInt64: true }).collection('types', { useBigInt64: false }).findOne(big)
  );
  await attempt('promoteValues', () => db.collection('types', { promoteValues: false }).findOne({ _id: 'int' }));
  await attempt('insertMany and back', async () => {
    const own = db.collection('own', { useBigInt64: true, promoteValues: true });
    await own.insertMany([{ _id: 1, n: 1n, d: 1.5 }]);
    return own.find().toArray();
  });
  await note('bsonOptions', [db.bsonOptions, db.collection('x', { ignoreUndefined: true }).bsonOptions, client.bsonOptions]);
}

// client.db(other): reading, writing, dropping.
import { observe } from '../../support/observe.js';

export default async function up(db, client) {
  const { note, attempt } = observe(db);
  const other = client.db(`${db.databaseName}_archive`);
  await other.collection('orders').insertMany(await db.collection('orders').find({ status: 'paid' }).toArray());
  await note('counts', [await other.collection('orders').countDocuments(), other.databaseName]);
  await attempt('across', async () => (await db.collection('orders').aggregate([
    { $match: { _id: 1 } }, { $out: { db: other.databaseName, coll: 'one' } },
  ]).toArray()).length);
  await note('collections', (await other.listCollections().toArray()).map(({ name }) => name).sort());
  await note('the default database', [
    client.db().databaseName === db.databaseName || client.db().databaseName,
    client.db(db.databaseName).databaseName === db.databaseName,
  ]);
  await attempt('admin', async () => (await client.db('admin').command({ ping: 1 })).ok);
  for (const name of ['', 'a b', 'a.b', 'a$b', 'a/b', 'a\\b', 'a\0b', 5, null]) await attempt(
    `name ${JSON.stringify(name)}`, () => client.db(name).databaseName === db.databaseName || client.db(name).databaseName
  );
}

export async function rollback(db, client) {
  await client.db(`${db.databaseName}_archive`).dropDatabase();
}

// Databases seen from the client.
import { observe } from '../../support/observe.js';

export default async function up(db, client) {
  const { note } = observe(db);
  await note('orders', await db.collection('orders').countDocuments());
  const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
  const names = databases.map(({ name }) => name);
  await note('this one', names.includes(db.databaseName));
  const own = await client.db().admin().command({ listDatabases: 1, filter: { name: db.databaseName }, nameOnly: true });
  await note('by command', own.databases);
}

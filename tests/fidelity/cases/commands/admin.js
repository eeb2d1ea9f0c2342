// db.admin().
import { observe } from '../../support/observe.js';

export default async function up(db, client) {
  const { attempt, note } = observe(db);
  const admin = db.admin();
  await attempt('ping', () => admin.ping());
  await attempt('command', () => admin.command({ ping: 1 }));
  const info = await admin.buildInfo();
  await note('buildInfo', [typeof info.version, Array.isArray(info.versionArray), info.ok]);
  await note('serverInfo', typeof (await admin.serverInfo()).version);
  await note('serverStatus', [typeof (await admin.serverStatus()).version]);
  await attempt(
    'listDatabases',
    async () => (await admin.listDatabases()).databases.filter(({ name }) => name === db.databaseName).map(one => [Object.keys(one), one.empty])
  );
  await attempt(
    'nameOnly',
    async () => (await admin.listDatabases({ nameOnly: true })).databases.filter(({ name }) => name === db.databaseName)
  );
  await attempt(
    'filter', async () => (await admin.listDatabases({ filter: { name: db.databaseName }, nameOnly: true })).databases
  );
  await attempt('validateCollection', async () => (await admin.validateCollection('orders')).ok);
  await attempt('fields of its reply', async () => (await admin.validateCollection('orders')).valid);
  await attempt('validateCollection of nothing', () => admin.validateCollection('nowhere'));
  await attempt('unknown', () => admin.command({ nope: 1 }));
  await attempt('removeUser', () => admin.removeUser('nobody-here'));
  await attempt('through the client', () => client.db('admin').command({ ping: 1 }));
  await attempt('replSetGetStatus', async () => typeof (await admin.replSetGetStatus()).ok);
}

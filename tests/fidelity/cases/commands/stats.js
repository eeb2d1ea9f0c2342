// stats, profilingLevel, users.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  await attempt('stats', async () => { const stats = await db.stats(); return [
    stats.db, typeof stats.objects, typeof stats.dataSize, stats.ok,
  ]; });
  await attempt('scale', async () => (await db.stats({ scale: 1024 })).scaleFactor);
  await attempt(
    'collStats',
    async () => { const stats = await db.command({ collStats: 'orders' }); return [stats.ns, stats.count, stats.nindexes]; }
  );
  await attempt('dbStats', async () => (await db.command({ dbStats: 1 })).db);
  await attempt('createUser', () => db.command({ createUser: 'fidelity', pwd: 'secret', roles: ['readWrite'] }));
  await attempt(
    'usersInfo',
    async () => (await db.command({ usersInfo: 'fidelity' })).users.map(({ user, db: of, roles }) => [user, of === db.databaseName, roles.length])
  );
  await attempt('removeUser', () => db.removeUser('fidelity'));
  await attempt('removeUser again', () => db.removeUser('fidelity'));
  await attempt('no collection stats', () => db.collection('orders').stats);
}

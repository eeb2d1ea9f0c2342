// listCollections and collections().
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  await db.createCollection('v_view', { viewOn: 'orders', pipeline: [] });
  await db.createCollection('v_capped', { capped: true, size: 4096 });
  const withoutUuid = infos => infos.map(({ info, ...rest }) => ({
    ...rest, info: info && { ...info, uuid: info.uuid?.constructor.name },
  })).sort((a, b) => (a.name < b.name ? -1 : 1));
  await attempt('by pattern', async () => withoutUuid(await db.listCollections({ name: /^v_/ }).toArray()));
  await attempt('by name', async () => withoutUuid(await db.listCollections({ name: 'orders' }).toArray()));
  await attempt('nameOnly', () => db.listCollections({ name: 'orders' }, { nameOnly: true }).toArray());
  await attempt('by type', async () => (await db.listCollections({ type: 'view' }, { nameOnly: true }).toArray()));
  await attempt('none', () => db.listCollections({ name: 'nope' }).toArray());
  await attempt(
    'undefined filter',
    async () => (await db.listCollections(undefined, { nameOnly: true }).toArray()).some(({ name }) => name === 'orders')
  );
  await attempt('null filter', async () => (await db.listCollections(null).toArray()).length > 0);
  await attempt('hasNext', async () => db.listCollections({ name: 'orders' }).hasNext());
  await attempt('hasNext, none', async () => db.listCollections({ name: 'nope' }).hasNext());
  await attempt('next', async () => (await db.listCollections({ name: 'orders' }).next()).name);
  await attempt(
    'for await',
    async () => { const out = []; for await (const { name } of db.listCollections({ name: /^v_/ })) out.push(name); return out.sort(); }
  );
  await attempt('map', async () => (await db.listCollections({ name: /^v_/ }).map(({ name }) => name).toArray()).sort());
  await attempt('options', () => db.listCollections({ name: 'orders' }, {
    nameOnly: true, batchSize: 1, comment: 'c', authorizedCollections: true,
  }).toArray());
  await attempt(
    'collections()',
    async () => (await db.collections()).filter(one => /^(orders|v_)/.test(one.collectionName)).map(one => [one.constructor.name, one.collectionName]).sort()
  );
  await attempt('collections with a filter', async () => (await db.collections({ nameOnly: true })).length > 0);
  await note('not a property', [typeof db.collections.orders, typeof db.orders]);
}

export async function rollback(db) {
  await db.collection('v_view').drop();
  await db.collection('v_capped').drop();
}

// db.command: replies, errors, odd arguments.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  await attempt('ping', () => db.command({ ping: 1 }));
  await attempt('find', () => db.command({ find: 'orders', filter: { _id: 1 } }));
  await attempt('count', () => db.command({ count: 'orders', query: { status: 'paid' } }));
  await attempt('distinct', async () => (await db.command({ distinct: 'orders', key: 'status' })).values.sort());
  await attempt('update', () => db.command({ update: 'orders', updates: [{ q: { _id: 1 }, u: { $set: { byCommand: true } } }] }));
  await attempt('update that fails', () => db.command({
    update: 'orders', updates: [{ q: { _id: 1 }, u: { $set: { _id: 2 } } }],
  }));
  await attempt('insert', () => db.command({ insert: 'orders', documents: [{ _id: 700 }, { _id: 1 }], ordered: false }));
  await attempt('delete', () => db.command({ delete: 'orders', deletes: [{ q: { _id: 700 }, limit: 1 }] }));
  await attempt('findAndModify', () => db.command({
    findAndModify: 'orders', query: { _id: 2 }, update: { $set: { x: 1 } }, new: true, fields: { x: 1 },
  }));
  await attempt('aggregate', () => db.command({
    aggregate: 'orders', pipeline: [{ $match: { _id: 1 } }, { $project: { _id: 1 } }], cursor: {},
  }));
  await attempt('createIndexes', () => db.command({ createIndexes: 'orders', indexes: [{ key: { z: 1 }, name: 'z_1' }] }));
  await attempt('create', () => db.command({ create: 'made', capped: true, size: 4096 }));
  await attempt('create again', () => db.command({ create: 'made' }));
  await attempt('drop', () => db.command({ drop: 'nowhere' }));
  await attempt('unknown', () => db.command({ noSuchCommand: 1 }));
  await attempt('empty', () => db.command({}));
  await attempt('null', () => db.command(null));
  await attempt('text', () => db.command('ping'));
  await attempt('map', () => db.command(new Map([['ping', 1], ['comment', 'x']])));
  await attempt('undefined inside', async () => (await db.command({
    listCollections: undefined, filter: { name: 'orders' }, nameOnly: true,
  })).cursor.firstBatch);
  await attempt('read preference', () => db.command({ ping: 1 }, { readPreference: 'primary' }));
  await attempt('comment option', () => db.command({ ping: 1 }, { comment: 'hello', maxTimeMS: 500 }));
}

export const rollback = db => db.command({ drop: 'made' });

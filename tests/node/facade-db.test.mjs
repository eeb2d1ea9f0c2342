// `Db`, `Admin`, and what a collection is asked about itself: indexes, options, names.

import test from 'node:test';
import { stage, table } from './facade.mjs';

const seed = { c: [1, 2, 3].map(n => ({ _id: n, n })) };
const scene = await stage();
const check = (...calls) => table(scene, calls, { seed });
const CONCERN = { comment: 'x', writeConcern: { w: 1 }, maxTimeMS: 3000 };
const show = value => (value instanceof Map ? `Map ${JSON.stringify([...value])}` : JSON.stringify(value));

test('createIndex', () => check(
  ...[
    { a: 1 }, 'b', ['a', 'b'], [['a', 1], ['b', -1]], ['a', -1], [{ a: 1 }, { b: -1 }], new Map([['m1', 1], ['m2', -1]]), { loc: '2dsphere' }, ['loc', '2dsphere'], { '$**': 1 }, { 'a.b': 1 }, {}, null, undefined, 5, '', [], [new Map([['x', 1]])], [['a', 1]], ['a', '2d'], { a: '1' }, [['a'], ['b']],
  ].map(spec => [`createIndex(${show(spec)})`, ({ c }) => c.createIndex(spec)]),
  ...[
    { unique: true, name: 'own', background: true }, { sparse: true, hidden: true }, { expireAfterSeconds: 5 }, { partialFilterExpression: { a: 1 } }, { commitQuorum: 1, maxTimeMS: 700, comment: 'x', writeConcern: { w: 1 } }, { collation: { locale: 'en' } }, { version: 2 }, { v: 2, dropDups: true, foo: 1, storageEngine: {} }, { name: undefined, unique: undefined },
    { unique: undefined }, { readConcern: 'local' }, { explain: true }, null, undefined, {}, { weights: { a: 1 }, default_language: 'none', language_override: 'l' }, { bits: 20, min: -100, max: 100 }, { wildcardProjection: { a: 1 } }, { session: undefined },
  ].map(options => [`createIndex with ${show(options)}`, ({ c }) => c.createIndex({ a: 1, b: -1 }, options)]),
  ({ c }) => c.createIndex({ z: 1 }, { maxTimeMS: 3 }, { comment: 'cmd', maxTimeMS: 800, commitQuorum: 1 }),
  ({ c }) => c.createIndex({ z: 1 }, undefined, { comment: 'cmd' }),
  ({ c }) => c.createIndex({ z: 1 }, { comment: 'in the index' }, undefined),
  ({ c }) => c.createIndex({ z: 1 }, { unique: true, name: 'zz' }, { foo: 1, writeConcern: { w: 1 } }),
  ({ c }) => c.createIndex({ z: 1 }, { unique: true }, null),
  async ({ c }) => { await c.createIndex({ z: 1 }); return c.createIndex({ z: 1 }, { unique: true }); },
  async ({ c }) => { await c.createIndex({ z: 1 }); return c.createIndex({ z: 1 }); },
  ({ c }) => c.createIndex({ n: 1 }, { unique: true }),
  async ({ c }) => { await c.insertOne({ n: 1 }); return c.createIndex({ n: 1 }, { unique: true }).catch(error => [error.code, error.codeName]); },
  ({ db }) => db.createIndex('c', { p: 1 }, { name: 'pp' }),
  ({ db }) => db.createIndex('fresh', 'p'),
  ({ db }) => db.collection('c', { writeConcern: { w: 'majority', wtimeout: 3, j: true } }).createIndex({ q: 1 }),
));

test('createIndexes', () => check(
  ({ c }) => c.createIndexes([{ key: { m: 1 } }, { key: { t: 1 }, expireAfterSeconds: 60, name: 'ttl', foo: 1, background: true }], { commitQuorum: 'majority', ...CONCERN, unique: true }),
  ({ c }) => c.createIndexes([{ key: { m: 1 }, unique: undefined }]),
  ({ c }) => c.createIndexes([{ key: { k: 1 }, foo: 1 }], {}, true),
  ({ c }) => c.createIndexes([{ key: { k: 1 }, foo: 1 }], undefined, false),
  ({ c }) => c.createIndexes([{ key: new Map([['a', 1], ['b', -1]]), version: 1 }], null),
  ({ c }) => c.createIndexes([]),
  ({ c }) => c.createIndexes({}),
  ({ c }) => c.createIndexes([{}]),
  ({ c }) => c.createIndexes([{ key: 'x' }]),
  ({ c }) => c.createIndexes([{ key: { a: 1 } }], { explain: true }),
));

test('listing and dropping indexes', () => table(scene, [
  ({ c }) => c.listIndexes().toArray(),
  ({ c }) => c.listIndexes({ batchSize: 1, comment: 'x', maxTimeMS: 300, readConcern: 'local' }).toArray(),
  ({ c }) => c.listIndexes(null).toArray(),
  ({ c }) => c.listIndexes().clone().toArray(),
  ({ c }) => c.listIndexes().map(index => index.name).toArray(),
  ({ c }) => c.listIndexes({ promoteValues: false }).toArray(),
  ...[undefined, {}, { full: true }, { full: false }, null, { comment: 'x' }].flatMap(options => [
    [`indexes(${show(options)})`, ({ c }) => c.indexes(options)], [`indexInformation(${show(options)})`, ({ c }) => c.indexInformation(options)], [`db.indexInformation(${show(options)})`, ({ db }) => db.indexInformation('c', options)],
  ]),
  ({ c }) => c.indexExists('a_1'),
  ({ c }) => c.indexExists(['a_1', 'none']),
  ({ c }) => c.indexExists(['a_1', '_id_'], { comment: 'x' }),
  ({ c }) => c.indexExists(),
  ({ c }) => c.indexExists([]),
  ...['indexExists', 'indexes', 'indexInformation', 'dropIndexes'].map(name => [`${name} of no collection`, ({ db }) => db.collection('none')[name]('x')]),
  ({ db }) => db.collection('none').dropIndex('x'),
  ({ db }) => db.collection('none').listIndexes().toArray(),
  ({ c }) => c.dropIndex('a_1', CONCERN),
  ({ c }) => c.dropIndex({ b: 1 }),
  ({ c }) => c.dropIndex({ none: 1 }),
  ({ c }) => c.dropIndex('none'),
  ({ c }) => c.dropIndex(),
  ({ c }) => c.dropIndex(['a_1', 'b_1']),
  ({ c }) => c.dropIndex('_id_'),
  ({ c }) => c.dropIndex('*'),
  ({ c }) => c.dropIndex('a_1', { explain: true }),
  ({ c }) => c.dropIndexes(CONCERN),
  ({ c }) => c.dropIndexes(null),
  ({ c }) => c.dropIndexes({ explain: true }),
  async ({ c, client }) => { const session = client.startSession(); await session.endSession(); return c.dropIndexes({ session }); },
  async ({ c, client }) => { const session = client.startSession(); session.startTransaction(); return c.dropIndexes({ session }); },
  ({ db }) => db.collection('c', { writeConcern: { w: 1 } }).dropIndexes(),
].map(entry => {
  const [what, call] = Array.isArray(entry) ? entry : [entry.toString(), entry];
  return [what, async side => { await side.admin.db(side.database).collection('c').createIndexes([{ key: { a: 1 } }, { key: { b: 1 } }, { key: { a: 1, b: -1 } }]); side.commands = []; return call(side); }];
}), { seed }));

test('search indexes', () => check(
  ({ c }) => c.createSearchIndex({ definition: { mappings: { dynamic: true } } }),
  ({ c }) => c.createSearchIndex({ name: 's', type: 'search', definition: { a: 1 } }),
  ({ c }) => c.createSearchIndexes([{ name: 's', definition: { a: 1 } }]),
  ({ c }) => c.createSearchIndexes({}),
  ({ c }) => c.createSearchIndex(),
  ({ c }) => c.listSearchIndexes().toArray(),
  ({ c }) => c.listSearchIndexes('s', { batchSize: 3 }).toArray(),
  ({ c }) => c.listSearchIndexes({ comment: 'x' }).toArray(),
  ({ c }) => c.listSearchIndexes('s').pipeline,
  ({ c }) => c.updateSearchIndex('s', { a: 1 }),
  ({ c }) => c.dropSearchIndex('s'),
  ({ c }) => c.dropSearchIndex(),
  ({ db }) => db.collection('c', { writeConcern: { w: 1 }, readConcern: 'majority' }).createSearchIndex({ definition: {} }),
  ({ db }) => db.collection('c', { readConcern: 'majority' }).listSearchIndexes().toArray(),
));

test('the collection itself', () => check(
  ({ c }) => c.options(),
  ({ c }) => c.isCapped(),
  ({ c }) => c.options({ comment: 'x' }),
  ({ db }) => db.collection('none').options(),
  ({ db }) => db.collection('none').isCapped(),
  async ({ db }) => { await db.createCollection('capped', { capped: true, size: 4096, max: 5 }); return [await db.collection('capped').isCapped(), await db.collection('capped').options()]; },
  ({ c }) => c.rename('d', { dropTarget: true, ...CONCERN }),
  ({ c }) => c.rename('d').then(d => [d.collectionName, d.namespace]),
  ({ c }) => c.rename('d', { dropTarget: 1 }),
  ({ c }) => c.rename('d', { new_collection: false }),
  ({ c }) => c.rename('d', null),
  ({ c }) => c.rename('d', { explain: true }),
  ({ c }) => c.rename(''),
  ({ c }) => c.rename(5),
  ({ c }) => c.rename('c'),
  async ({ db, c }) => { await db.createCollection('d'); return c.rename('d'); },
  ({ db }) => db.collection('c', { writeConcern: { w: 1 } }).rename('cc').then(cc => cc.writeConcern),
  ({ client, database }) => client.db(database, { writeConcern: { w: 1 } }).collection('c').rename('cc'),
  ({ db }) => db.renameCollection('c', 'e'),
  ({ db }) => db.renameCollection('none', 'e'),
  ({ c }) => c.drop(CONCERN),
  ({ c }) => c.drop(),
  ({ c }) => c.drop(null),
  ({ c }) => c.drop({ explain: true }),
  ({ db }) => db.collection('none').drop(),
  ({ db }) => db.collection('c', { writeConcern: { w: 1 } }).drop(),
  ({ c }) => [c.collectionName, c.dbName, c.namespace, c.hint, c.timeoutMS, c.readConcern, c.writeConcern, c.readPreference, c.bsonOptions],
  ({ db }) => { const c = db.collection('c', { readConcern: 'majority', writeConcern: { w: 1, wtimeoutMS: 5 }, readPreference: 'secondary', promoteLongs: false, timeoutMS: 77 }); return [c.readConcern, c.writeConcern, c.readPreference, c.bsonOptions, c.timeoutMS]; },
  ({ c }) => { c.hint = ['a']; const one = c.hint; c.hint = { b: 1 }; const two = c.hint; c.hint = undefined; return [one, two, c.hint]; },
  ({ db }) => db.collection('a.b.c').namespace,
  ({ db }) => db.collection('c').fullNamespace,
));

test('names', () => check(
  ...['', 'a..b', '.a', 'a.', '$a', 'a$b', '$cmd', 'oplog.$main', 'a\0b', 5, undefined, null, 'system.views'].map(name => [`collection(${show(name)})`, ({ db }) => { const { collectionName, namespace } = db.collection(name); return [collectionName, namespace]; }]),
  ...['', 'a b', 'a.b', '$external', 5, null, undefined, 'a/b', 'a$b', 'a\0b', '.'].map(name => [`client.db(${show(name)})`, ({ client }) => name == null || name === '' ? typeof client.db(name).databaseName : client.db(name).databaseName]),
  ({ db }) => db.collection('c', () => {}),
  ({ db }) => db.collection('c', null).collectionName,
));

test('createCollection and dropCollection', () => check(
  ...[
    {}, undefined, null, { capped: true, size: 4096, max: 10 }, { validator: { a: 1 }, validationLevel: 'off', validationAction: 'warn' }, { collation: { locale: 'en' } }, CONCERN, { viewOn: 'c', pipeline: [{ $match: { n: 1 } }] }, { timeseries: { timeField: 't' }, expireAfterSeconds: 5 }, { clusteredIndex: { key: { _id: 1 }, unique: true } },
    { changeStreamPreAndPostImages: { enabled: true } }, { strange: 1 }, { flags: 1 }, { storageEngine: {}, indexOptionDefaults: {} }, { autoIndexId: true }, { explain: true }, { readConcern: 'local', readPreference: 'secondary', raw: false, promoteValues: false, ignoreUndefined: true }, { expireAfterSeconds: undefined, max: null }, { w: 1, j: true, wtimeout: 5, fsync: true }, { strict: true },
    { pkFactory: { createPk: () => 1 } }, { size: 5 }, { checkKeys: false }, { timeoutMS: 0 }, { enableUtf8Validation: true }, { writeConcern: { w: 0 } }, { validator: { $jsonSchema: { required: ['a'] } } },
  ].map(options => [`createCollection with ${show(options)}`, ({ db }) => db.createCollection('made', options)]),
  [`encryptedFields`, ({ db }) => db.createCollection('made', { encryptedFields: { fields: [] } })],
  [`dropping with encryptedFields`, ({ db }) => db.dropCollection('c', { encryptedFields: {}, ...CONCERN })],
  ({ db }) => db.createCollection('c'),
  ({ db }) => db.createCollection('c', { capped: true, size: 5 }),
  ({ db }) => db.createCollection(''),
  ({ db }) => db.createCollection(),
  ({ db }) => db.createCollection('a$b'),
  ({ db }) => db.createCollection(5),
  ({ db }) => db.createCollection('made', { writeConcern: { w: 1 }, readPreference: 'secondary' }).then(made => [made.collectionName, made.writeConcern, made.readPreference]),
  ({ client, database }) => client.db(database, { writeConcern: { w: 1 }, readConcern: { level: 'local' } }).createCollection('zz'),
  ({ db }) => db.dropCollection('c', CONCERN),
  ({ db }) => db.dropCollection('none'),
  ({ db }) => db.dropCollection(),
  ({ db }) => db.dropCollection(''),
  ({ db }) => db.dropCollection('c', { explain: true }),
  ({ client, database }) => client.db(database, { writeConcern: { w: 1 } }).dropCollection('c'),
));

test('listCollections and collections', () => check(
  ...[undefined, {}, { name: 'c' }, null, { type: 'view' }].flatMap(filter => [undefined, {}, { nameOnly: true }, { nameOnly: false }, { nameOnly: 1 }, { nameOnly: true, authorizedCollections: true, batchSize: 1, comment: 'x', maxTimeMS: 300, readConcern: 'local' }].map(options => [
    `listCollections(${show(filter)}, ${show(options)})`, ({ db }) => db.listCollections(filter, options).toArray(),
  ])),
  ({ db }) => db.listCollections().clone().toArray(),
  ({ db }) => db.listCollections({ name: 'c' }).map(info => info.name).next(),
  ({ db }) => [db.listCollections().parent === db, db.listCollections({ name: 'c' }).filter, db.listCollections({}, { nameOnly: true }).options.nameOnly],
  ({ db }) => db.collections().then(all => all.map(each => each.collectionName)),
  ({ db }) => db.collections({ nameOnly: false, comment: 'x' }).then(all => all.map(each => each.constructor.name)),
  ({ client, database }) => client.db(database, { writeConcern: { w: 1 }, readConcern: { level: 'local' } }).listCollections().toArray(),
));

test('commands', () => check(
  ...[{}, { comment: 'x', maxTimeMS: 400, readConcern: 'local', writeConcern: { w: 1 }, raw: false }, { readPreference: 'secondary' }, { explain: true }, { promoteValues: false }, null, { timeoutMS: 0 }].map(options => [`ping with ${show(options)}`, ({ db }) => db.command({ ping: 1 }, options)]),
  ({ db }) => db.command({ insert: 'c', documents: [{ _id: 1 }] }),
  ({ db }) => db.command({ insert: 'c', documents: [{ _id: 400 }], writeConcern: { w: 1 } }),
  ({ db }) => db.command({ find: 'c' }).then(reply => reply.cursor.firstBatch),
  ({ db }) => db.command({ find: 'c', filter: { n: 1 } }, { promoteValues: false }).then(reply => reply.cursor.firstBatch),
  ({ db }) => db.command({ nonsense: 1 }),
  ({ db }) => db.command({ ping: 1, comment: undefined }),
  ({ db }) => db.command({ count: 'c', query: {} }),
  ({ db }) => db.command({ collMod: 'c', validator: { a: 1 } }),
  ({ db }) => db.command({ collMod: 'none', validator: { a: 1 } }),
  ({ db }) => db.command({ listCollections: undefined }).then(reply => reply.ok),
  ({ client, database }) => client.db(database, { readConcern: { level: 'majority' }, writeConcern: { w: 1 } }).command({ find: 'c' }).then(reply => reply.ok),
  ({ db }) => db.runCursorCommand({ find: 'c', batchSize: 2 }, {}).toArray(),
  ({ db }) => db.runCursorCommand({ find: 'c', batchSize: 1 }).setBatchSize(2).setComment('z').toArray(),
  ({ db }) => db.runCursorCommand({ ping: 1 }).toArray(),
  ({ db }) => db.runCursorCommand({ find: 'c' }, { readPreference: 'secondary', comment: 'x', promoteValues: false }).next(),
  ...['batchSize', 'maxTimeMS', 'clone', 'withReadConcern', 'addCursorFlag'].map(name => [`RunCommandCursor ${name}`, ({ db }) => db.runCursorCommand({ find: 'c' })[name](3, true)]),
  ({ db }) => db.runCursorCommand({ find: 'c' }).withReadPreference('secondary').toArray(),
  ({ db }) => { const cursor = db.runCursorCommand({ find: 'c' }).setBatchSize(3).setMaxTimeMS(5).setComment('a'); return [cursor.command, cursor.getMoreOptions, Object.isFrozen(cursor.command)]; },
  ({ db }) => db.stats().then(reply => Object.keys(reply).filter(key => key !== '$clusterTime')),
  ({ db }) => db.stats({ scale: 2, comment: 'x', maxTimeMS: 900 }).then(reply => reply.scaleFactor),
  ({ db }) => db.dropDatabase(CONCERN),
  ({ db }) => db.dropDatabase(),
  ({ client, database }) => client.db(database, { writeConcern: { w: 1 } }).dropDatabase(),
  ({ db }) => db.removeUser('u', CONCERN),
  ({ db }) => db.removeUser(),
  ...['all', 'foo', 1, 'off', 'slow_only', undefined].map(level => [`setProfilingLevel(${show(level)})`, ({ db }) => db.setProfilingLevel(level, { comment: 'x', writeConcern: { w: 1 } })]),
  async ({ db }) => { await db.setProfilingLevel('slow_only'); return db.profilingLevel({ comment: 'x' }); },
  async ({ db }) => { await db.setProfilingLevel('off'); return db.profilingLevel(); },
  ({ db }) => [db.databaseName, db.namespace, db.readConcern, db.writeConcern, db.readPreference, db.secondaryOk, db.timeoutMS, db.bsonOptions, Object.keys(db.options)],
  ({ client, database }) => { const db = client.db(database, { readConcern: { level: 'majority' }, writeConcern: { w: 1 }, readPreference: 'secondary', promoteValues: false, timeoutMS: 5 }); return [db.readConcern, db.writeConcern, db.readPreference, db.secondaryOk, db.timeoutMS, db.bsonOptions, db.options.readConcern]; },
  ({ lib }) => ['NAMESPACE', 'INDEX', 'PROFILE', 'USER', 'COMMAND', 'JS'].map(name => lib.Db[`SYSTEM_${name}_COLLECTION`]),
  ({ lib, client }) => { const db = new lib.Db(client, 'some', { writeConcern: { w: 1 } }); return [db.databaseName, db.writeConcern, db.client === client]; },
  ({ lib, client }) => new lib.Db(client, 'a.b'),
  ({ client }) => client.db().client === client,
));

test('dbName, where the driver heeds it', () => check(...[
  c => c.insertOne({ _id: 900 }, { dbName: 'elsewhere' }), c => c.insertMany([{ _id: 901 }], { dbName: 'elsewhere' }), c => c.updateOne({}, { $set: { a: 1 } }, { dbName: 'elsewhere' }), c => c.findOne({}, { dbName: 'elsewhere' }), c => c.countDocuments({}, { dbName: 'elsewhere' }), c => c.aggregate([], { dbName: 'elsewhere' }).toArray(),
  c => c.estimatedDocumentCount({ dbName: 'elsewhere' }), c => c.count({}, { dbName: 'elsewhere' }), c => c.distinct('n', {}, { dbName: 'elsewhere' }), c => c.findOneAndDelete({}, { dbName: 'elsewhere' }), c => c.createIndex({ q: 1 }, { dbName: 'elsewhere' }), c => c.dropIndex('q_1', { dbName: 'elsewhere' }), c => c.indexes({ dbName: 'elsewhere' }), c => c.deleteMany({}, { dbName: 'elsewhere' }),
  (c, db) => db.listCollections({}, { dbName: 'elsewhere' }).toArray(), (c, db) => db.command({ ping: 1 }, { dbName: 'elsewhere' }), (c, db) => db.stats({ dbName: 'elsewhere' }).then(reply => reply.db), (c, db) => db.createCollection('made', { dbName: 'elsewhere' }).catch(error => error.code), (c, db) => db.dropCollection('c', { dbName: 'elsewhere' }), (c, db) => db.dropDatabase({ dbName: 'elsewhere' }), (c, db) => db.profilingLevel({ dbName: 'elsewhere' }),
  (c, db) => db.setProfilingLevel('off', { dbName: 'elsewhere' }), (c, db) => db.removeUser('u', { dbName: 'elsewhere' }), (c, db) => db.admin().ping({ dbName: 'elsewhere' }), (c, db) => db.admin().listDatabases({ dbName: 'elsewhere' }).then(reply => reply.ok), (c, db) => db.admin().validateCollection('c', { dbName: 'elsewhere' }).then(reply => reply.ok), c => c.rename('zzz', { dbName: 'elsewhere' }), c => c.drop({ dbName: 'elsewhere' }), c => c.bulkWrite([{ insertOne: { _id: 9 } }], { dbName: 'elsewhere' }),
].map(call => [call.toString(), ({ c, db }) => call(c, db)])));

test('admin', () => check(
  ({ db }) => db.admin().ping({ comment: 'x', maxTimeMS: 4 }),
  ({ db }) => db.admin().buildInfo().then(reply => typeof reply.version),
  ({ db }) => db.admin().serverInfo().then(reply => reply.version),
  ({ db }) => db.admin().serverStatus({ comment: 'x' }).then(reply => reply.ok),
  ({ db }) => db.admin().replSetGetStatus({ maxTimeMS: 300 }).then(reply => reply.ok),
  ({ db, database }) => db.admin().listDatabases({ filter: { name: database }, nameOnly: true, authorizedDatabases: true, comment: 'x', maxTimeMS: 300 }),
  ({ db }) => db.admin().listDatabases({ nameOnly: false }).then(reply => Object.keys(reply).filter(key => key !== '$clusterTime')),
  ({ db }) => db.admin().listDatabases().then(reply => reply.ok),
  ({ db }) => db.admin().listDatabases({ nameOnly: 1 }).then(reply => reply.ok),
  ({ db }) => db.admin().removeUser('u'),
  ({ db }) => db.admin().validateCollection('c', { background: false, full: true, comment: 'x' }).then(reply => reply.ok),
  ({ db }) => db.admin().validateCollection('c', { readPreference: 'secondary', strange: 1 }).then(reply => reply.ok),
  ({ db }) => db.admin().validateCollection('c').then(reply => reply.ok),
  ({ db }) => db.admin().validateCollection('none'),
  ({ db }) => db.admin().command({ ping: 1 }, { comment: 'x', readPreference: 'secondary' }),
  ({ db }) => db.admin().command({ nonsense: 1 }),
  ({ client, database }) => client.db(database, { writeConcern: { w: 1 }, readConcern: { level: 'majority' } }).admin().ping(),
));

// Writing: inserts, updates, deletes, `findOneAnd…`, with every option, right and wrong; results, commands, and what is stored.

import test from 'node:test';
import { stage, table } from './facade.mjs';

const seed = { c: [1, 2, 3].map(n => ({ _id: n, n, list: [1, 2, 3] })) };
const scene = await stage();
const check = (...calls) => table(scene, calls, { seed });
const explained = result => ({ ...result, resolves: typeof result.resolves });

const COMMON = [
  {}, undefined, null, { writeConcern: { w: 1 } }, { writeConcern: { w: 1, j: true } }, { writeConcern: { w: 'majority', wtimeoutMS: 500 } }, { writeConcern: { w: 0 } }, { writeConcern: 1 }, { w: 1 }, { comment: 'x' }, { comment: { a: 1 } },
  { maxTimeMS: 3000 }, { maxTimeMS: 'a' }, { bypassDocumentValidation: true }, { bypassDocumentValidation: false }, { let: { q: 1 } }, { readConcern: 'local' }, { ordered: false }, { strange: 1 }, { explain: false }, { timeoutMS: 0 }, { readPreference: 'secondary' },
  { ignoreUndefined: true }, { promoteValues: false }, { raw: true }, { retryWrites: false }, { willRetryWrite: false },
];
const each = (name, options, call) => options.map(given => [`${name} with ${JSON.stringify(given)}`, call(given), given?.ignoreUndefined ? { wire: false } : given?.explain !== undefined ? { adjust: explained } : {}]);

test('insertOne', () => check(
  ...each('insertOne', [...COMMON, { forceServerObjectId: true }, { collation: { locale: 'en' } }, { serializeFunctions: true }], options => ({ c }) => c.insertOne({ _id: 10, u: undefined, f: () => 1 }, options)).map(([what, call, options]) => [what, call, what.includes('serializeFunctions') ? { wire: false, adjust: ({ dump, ...rest }) => rest } : options]),
  ({ c }) => c.insertOne({ a: 1 }),
  ({ c }) => c.insertOne({}),
  ({ c }) => c.insertOne({ _id: null, z: 1 }),
  ({ c }) => c.insertOne({ _id: undefined, z: 1 }),
  ({ c }) => c.insertOne({ _id: 0 }),
  ({ c }) => c.insertOne({ _id: '' }),
  ({ c }) => c.insertOne({ _id: 1 }),
  ({ c }) => c.insertOne(new Map([['_id', 12], ['x', 1]])).then(result => result.acknowledged),
  ({ c }) => c.insertOne([{ _id: 13 }]),
  ({ c }) => c.insertOne(null),
  ({ c }) => c.insertOne('a'),
  ({ c }) => c.insertOne(),
  ({ c }) => c.insertOne({ a: 1 }, { forceServerObjectId: true }).then(result => Object.keys(result)),
  async ({ c }) => { const own = { a: 1 }; const { insertedId } = await c.insertOne(own); return [Object.keys(own), own._id === insertedId]; },
  ({ c }) => c.insertOne({ _id: 1, 'a.b': 1, $c: 2 }),
  [`checkKeys, dot`, ({ c }) => c.insertOne({ _id: 9, 'a.b': 1 }, { checkKeys: true }), { wire: false }],
  [`checkKeys, dollar`, ({ c }) => c.insertOne({ _id: 9, $c: 2 }, { checkKeys: true }), { wire: false }],
  [`a circle`, ({ c }) => { const own = {}; own.self = own; return c.insertOne(own).catch(error => error.name); }, { wire: false }],
  ({ c }) => c.insertOne({ _id: 10, toBSON() { return { replaced: true, _id: 11 }; } }),
  ({ client, database }) => client.db(database, { pkFactory: { createPk: () => 77 } }).collection('c').insertOne({ own: 1 }),
  ({ client, database }) => client.db(database, { forceServerObjectId: true }).collection('c').insertOne({ own: 1 }).then(result => result.insertedId),
  ({ db }) => db.collection('', {}).insertOne({ _id: 1 }),
));

test('insertMany', () => check(
  ...each('insertMany', [...COMMON, { forceServerObjectId: true }, { ordered: true }], options => ({ c }) => c.insertMany([{ _id: 10, u: undefined }, { _id: 11 }], options)),
  ({ c }) => c.insertMany([{ a: 1 }, { a: 2 }]),
  ({ c }) => c.insertMany([{ _id: 10 }, { _id: 1 }, { _id: 11 }]),
  ({ c }) => c.insertMany([{ _id: 10 }, { _id: 1 }, { _id: 11 }, { _id: 2 }], { ordered: false }),
  ({ c }) => c.insertMany([]),
  ({ c }) => c.insertMany({}),
  ({ c }) => c.insertMany(null),
  ({ c }) => c.insertMany(),
  ({ c }) => c.insertMany([null]),
  ({ c }) => c.insertMany([undefined]),
  ({ c }) => c.insertMany([1]),
  ({ c }) => c.insertMany(new Set([{ a: 1 }])),
  ({ c }) => c.insertMany([{ _id: 1 }], { writeConcern: { w: 0 } }),
  ({ c }) => c.insertMany([{ _id: 10 }], { explain: true }),
  ({ c }) => c.insertMany([{ x: 1 }, { x: 2 }], { forceServerObjectId: true }).then(result => result.insertedCount),
  async ({ c }) => { const own = [{ a: 1 }]; await c.insertMany(own); return Object.keys(own[0]); },
));

test('updateOne and updateMany', () => check(
  ...['updateOne', 'updateMany'].flatMap(name => [
    ...each(name, [...COMMON, { upsert: true }, { upsert: false }, { upsert: 1 }, { hint: '_id_' }, { hint: { _id: 1 } }, { collation: { locale: 'en' } }, { arrayFilters: [] }, { sort: { n: 1 } }, { sort: ['n', -1] }, { multi: true }], options => ({ c }) => c[name]({ n: { $gt: 1 } }, { $set: { a: 1 } }, options)),
    [`${name} upserts`, ({ c }) => c[name]({ _id: 9 }, { $set: { a: 1 } }, { upsert: true })],
    [`${name} upserts without id`, ({ c }) => c[name]({ none: 9 }, { $set: { a: 1 } }, { upsert: true }).then(result => ({ ...result, upsertedId: typeof result.upsertedId }))],
    [`${name} array filters`, ({ c }) => c[name]({}, { $set: { 'list.$[x]': 0 } }, { arrayFilters: [{ x: { $gt: 1 } }] })],
    [`${name} explain`, ({ c }) => c[name]({}, { $set: { a: 1 } }, { explain: true, writeConcern: { w: 1 }, maxTimeMS: 77 }), { adjust: explained }],
    ...[{ a: 1 }, [], [{ $set: { a: 3 } }], [{ $set: { a: 3 } }, { b: 1 }], [{ b: 1 }], {}, null, undefined, 'x', { $set: { a: 1 }, b: 2 }, { b: 2, $set: { a: 1 } }, { $set: undefined }, { $bad: 1 }, { $set: {} }, new Map([['$set', { a: 1 }]]), { $inc: { n: 1 }, $unset: { list: '' } }].map(update => [
      `${name}({}, ${JSON.stringify(update)} ${update instanceof Map})`, ({ c }) => c[name]({}, update),
    ]),
    ...[null, undefined, 'x', [], {}, new Map([['n', 1]])].map(filter => [`${name}(${JSON.stringify(filter)})`, ({ c }) => c[name](filter, { $set: { a: 1 } })]),
  ]),
));

test('replaceOne', () => check(
  ...each('replaceOne', [...COMMON, { upsert: true }, { hint: '_id_' }, { collation: { locale: 'en' } }, { sort: ['n'] }, { arrayFilters: [{ a: 1 }] }], options => ({ c }) => c.replaceOne({ _id: 1 }, { x: 1 }, options)),
  ...[{ $set: { x: 1 } }, [], null, undefined, {}, { a: 1, $b: 2 }, [{ $set: { a: 1 } }], { _id: 5 }].map(replacement => [`replaceOne by ${JSON.stringify(replacement)}`, ({ c }) => c.replaceOne({ _id: 1 }, replacement)]),
  ({ c }) => c.replaceOne({ _id: 8 }, { x: 1 }, { upsert: true }),
  ({ c }) => c.replaceOne(null, { x: 1 }),
  ({ c }) => c.replaceOne({ _id: 1 }, { x: 1 }, { explain: true }),
));

test('deleteOne and deleteMany', () => check(
  ...['deleteOne', 'deleteMany'].flatMap(name => [
    ...each(name, [...COMMON, { hint: '_id_' }, { collation: { locale: 'en' } }], options => ({ c }) => c[name]({ n: { $gt: 1 } }, options)),
    [`${name}()`, ({ c }) => c[name]()],
    [`${name} explain`, ({ c }) => c[name]({ _id: 1 }, { explain: 'queryPlanner' }), { adjust: explained }],
    ...[null, 'x', [], { $bad: 1 }, { none: 1 }].map(filter => [`${name}(${JSON.stringify(filter)})`, ({ c }) => c[name](filter)]),
  ]),
));

test('findOneAnd…', () => check(
  ...['findOneAndUpdate', 'findOneAndReplace', 'findOneAndDelete'].flatMap(name => {
    const change = { findOneAndUpdate: [{ $set: { a: 1 } }], findOneAndReplace: [{ a: 1 }], findOneAndDelete: [] }[name];
    return [
      ...each(name, [
        ...COMMON.filter(options => options?.writeConcern !== 1), { upsert: true }, { upsert: 1 }, { returnDocument: 'after' }, { returnDocument: 'before' }, { returnDocument: 'odd' }, { returnOriginal: false }, { new: true }, { projection: { n: 1 } }, { projection: {} }, { projection: null }, { fields: { n: 1 } }, { sort: { n: -1 } }, { sort: 'n' }, { sort: ['n', -1] },
        { hint: '_id_' }, { collation: { locale: 'en' } }, { includeResultMetadata: true }, { includeResultMetadata: true, returnDocument: 'after' }, { includeResultMetadata: false }, { arrayFilters: [] },
        { upsert: true, returnDocument: 'after', projection: { a: 1 }, sort: { n: 1 }, hint: '_id_', let: { x: 1 }, comment: 'x', maxTimeMS: 600, collation: { locale: 'en' }, writeConcern: { w: 1 }, bypassDocumentValidation: true },
      ], options => ({ c }) => c[name]({ n: { $gt: 1 } }, ...change, options)),
      [`${name}: nothing found`, ({ c }) => c[name]({ none: 1 }, ...change)],
      [`${name}: nothing found, metadata`, ({ c }) => c[name]({ none: 1 }, ...change, { includeResultMetadata: true })],
      [`${name}: upsert, metadata`, ({ c }) => c[name]({ _id: 70 }, ...change, { includeResultMetadata: true, upsert: true, returnDocument: 'after' })],
      [`${name}: explain`, ({ c }) => c[name]({ _id: 1 }, ...change, { explain: true })],
      ...[null, undefined, 'x', []].map(filter => [`${name}(${JSON.stringify(filter)})`, ({ c }) => c[name](filter, ...change)]),
    ];
  }),
  ...[null, undefined, [], {}, { a: 1 }, 'x', [{ $set: { a: 1 } }], { $bad: 1 }].flatMap(change => [
    [`findOneAndUpdate to ${JSON.stringify(change)}`, ({ c }) => c.findOneAndUpdate({ _id: 1 }, change)],
    [`findOneAndReplace by ${JSON.stringify(change)}`, ({ c }) => c.findOneAndReplace({ _id: 1 }, change)],
  ]),
  ({ c }) => c.findOneAndUpdate({ _id: 1 }, { $set: { _id: 2 } }),
  ({ c }) => c.findOneAndUpdate({ _id: 1 }, { $set: { 'list.$[x]': 0 } }, { arrayFilters: [{ x: { $gt: 1 } }], returnDocument: 'after' }),
));

test('what the server refuses', () => table(scene, [
  ({ db }) => db.collection('strict').insertOne({ _id: 1 }),
  ({ db }) => db.collection('strict').insertMany([{ _id: 1 }, { _id: 2, a: 1 }], { ordered: false }),
  ({ db }) => db.collection('strict').updateOne({ _id: 5 }, { $set: { b: 1 } }, { upsert: true }),
  ({ db }) => db.collection('strict').findOneAndReplace({ _id: 5 }, { b: 1 }, { upsert: true }),
  ({ db }) => db.collection('strict').bulkWrite([{ insertOne: { _id: 1 } }]),
  ({ db }) => db.collection('strict').insertOne({ _id: 1 }, { bypassDocumentValidation: true }),
].map(call => [call.toString(), async side => {
  await side.admin.db(side.database).createCollection('strict', { validator: { $jsonSchema: { required: ['a'] } } });
  return call(side);
}]), { seed, wire: false }));

test('inherited options', () => check(
  ({ db }) => db.collection('c', { writeConcern: { w: 1 } }).insertOne({ _id: 9 }),
  ({ db }) => db.collection('c', { writeConcern: { w: 0 } }).insertOne({ _id: 9 }),
  ({ db }) => db.collection('c', { writeConcern: { w: 1 } }).updateMany({}, { $set: { a: 1 } }, { writeConcern: { w: 'majority' } }),
  ({ db }) => db.collection('c', { writeConcern: { w: 1 } }).findOneAndDelete({}),
  ({ db }) => db.collection('c', { writeConcern: { w: 1, j: false } }).bulkWrite([{ insertOne: { _id: 9 } }]),
  ({ db }) => db.collection('c', { readConcern: 'majority' }).findOneAndUpdate({}, { $set: { a: 1 } }),
  ({ client, database }) => client.db(database, { writeConcern: { w: 1 } }).collection('c').deleteMany({}),
  [`ignoreUndefined of the collection`, ({ db }) => db.collection('c', { ignoreUndefined: true }).insertOne({ _id: 9, u: undefined }), { wire: false }],
  [`ignoreUndefined of the database`, ({ client, database }) => client.db(database, { ignoreUndefined: true }).collection('c').insertMany([{ _id: 9, u: undefined }]), { wire: false }],
  [`ignoreUndefined taken back`, ({ db }) => db.collection('c', { ignoreUndefined: true }).insertOne({ _id: 9, u: undefined }, { ignoreUndefined: false }), { wire: false }],
));

// Bulk writes: `bulkWrite`, the two builders, and `client.bulkWrite`.

import assert from 'node:assert/strict';
import test from 'node:test';
import { stage, table } from './facade.mjs';

const seed = { c: [1, 2, 3].map(n => ({ _id: n, n })), d: [{ _id: 1 }] };
const scene = await stage();
const check = (...calls) => table(scene, calls, { seed });

/** Everything that can be asked of a result, or of an error's. */
const inspected = result => ({
  fields: result, ok: result.ok, isOk: result.isOk(), raw: result.getRawResponse(), has: result.hasWriteErrors(), count: result.getWriteErrorCount(),
  errors: result.getWriteErrors(), first: result.getWriteErrorAt(0), none: result.getWriteErrorAt(99), upserted: result.getUpsertedIdAt(0), concern: result.getWriteConcernError(), text: result.toString(),
  json: JSON.stringify(result), own: Object.getOwnPropertyNames(result),
});
const failure = error => ({
  error, result: inspected(error.result), counts: [error.insertedCount, error.matchedCount, error.modifiedCount, error.deletedCount, error.upsertedCount], ids: [error.insertedIds, error.upsertedIds],
  each: [].concat(error.writeErrors).map(each => [each.code, each.index, each.errmsg, each.errInfo, each.getOperation(), each.toJSON(), String(each)]), json: JSON.stringify(error), keys: Object.keys(error), err: error.err,
});
const whole = [
  { insertOne: { document: { _id: 10 } } }, { updateOne: { filter: { _id: 10 }, update: { $set: { a: 1 } }, upsert: true, hint: '_id_', collation: { locale: 'en' }, arrayFilters: [], sort: { n: 1 } } },
  { updateMany: { filter: {}, update: { $set: { b: 1 } }, hint: { _id: 1 } } }, { replaceOne: { filter: { _id: 50 }, replacement: { z: 1 }, upsert: true } }, { deleteOne: { filter: { _id: 10 }, hint: '_id_', collation: { locale: 'en' } } },
  { deleteMany: { filter: { none: 1 } } }, { insertOne: { _id: 11 } },
];
const fresh = () => structuredClone(whole);

test('bulkWrite: what is done', () => check(
  ...[
    {}, undefined, null, { ordered: true }, { ordered: false }, { ordered: 0 }, { comment: 'x' }, { let: { q: 1 } }, { bypassDocumentValidation: true }, { bypassDocumentValidation: false }, { writeConcern: { w: 1 } }, { writeConcern: { w: 0 } }, { writeConcern: { w: 0 }, ordered: false }, { maxTimeMS: 5000 }, { strange: 1 },
    { ordered: false, comment: 'x', let: { q: 1 }, bypassDocumentValidation: true, writeConcern: { w: 'majority' }, maxTimeMS: 5000 }, { collation: { locale: 'en' } },
  ].flatMap(options => [
    [`with ${JSON.stringify(options)}`, ({ c }) => c.bulkWrite(fresh(), options)],
    [`with ${JSON.stringify(options)}, inspected`, ({ c }) => c.bulkWrite(fresh(), options).then(inspected, error => failure(error))],
  ]),
  ({ c }) => c.bulkWrite([{ insertOne: { _id: 11 } }, { deleteOne: { filter: { _id: 1 } } }, { insertOne: { _id: 12 } }, { updateOne: { filter: { _id: 2 }, update: { $set: { x: 1 } } } }], { ordered: false }),
  ({ c }) => c.bulkWrite([{ updateOne: { filter: { _id: 90 }, update: { $set: { q: 1 } }, upsert: true } }]).then(inspected),
  ({ c }) => c.bulkWrite([{ insertOne: { _id: 113 } }, { insertOne: { a: 2 } }], { forceServerObjectId: true }).then(result => result.insertedIds),
  ({ c, lib }) => c.bulkWrite([{ insertOne: { _id: new lib.ObjectId('000000000000000000000001') } }]).then(inspected),
  ({ c }) => c.bulkWrite([{ updateOne: { filter: {}, update: [{ $set: { x: 1 } }] } }]),
  async ({ c }) => { const own = { a: 1 }; await c.bulkWrite([{ insertOne: { document: own } }]); return Object.keys(own); },
));

test('bulkWrite: what fails', () => check(
  ...[
    [{ insertOne: { _id: 1 } }], [{ insertOne: { _id: 60 } }, { insertOne: { _id: 1 } }, { insertOne: { _id: 61 } }], [{ insertOne: { _id: 60 } }, { insertOne: { _id: 1 } }, { insertOne: { _id: 61 } }, { insertOne: { _id: 2 } }, { insertOne: { _id: 1 } }],
    [{ updateOne: { filter: { _id: 1 }, update: { $set: { a: 1 } } } }, { updateOne: { filter: { _id: 1 }, update: { $bad: 1 } } }, { updateOne: { filter: { _id: 2 }, update: { $set: { a: 3 } } } }],
    [{ insertOne: { _id: 1 } }, { updateOne: { filter: { _id: 1 }, update: { $bad: 1 } } }, { insertOne: { _id: 70 } }, { deleteOne: { filter: { _id: 3 } } }],
    [{ deleteOne: {} }], [{ deleteMany: {} }], [{ deleteOne: { filter: null } }], [{ insertOne: { _id: 60 } }, { deleteOne: { filter: { $bad: 1 } } }, { insertOne: { _id: 61 } }], [{ updateOne: { filter: { _id: 88, x: 1 }, update: { $set: { _id: 89 } }, upsert: true } }],
  ].flatMap(operations => [true, false].flatMap(ordered => [
    [`${JSON.stringify(operations)} ${ordered}`, ({ c }) => c.bulkWrite(structuredClone(operations), { ordered })],
    [`${JSON.stringify(operations)} ${ordered}, inspected`, ({ c }) => c.bulkWrite(structuredClone(operations), { ordered }).catch(failure)],
    [`${JSON.stringify(operations)} ${ordered}, unacknowledged`, ({ c }) => c.bulkWrite(structuredClone(operations), { ordered, writeConcern: { w: 0 } })],
  ])),
  ...[
    [], {}, null, undefined, 'x', [null], [1], [{}], [{ odd: 1 }], [{ updateOne: {} }], [{ updateOne: { filter: {} } }], [{ updateOne: { filter: {}, update: {} } }], [{ updateOne: { filter: {}, update: { a: 1 } } }], [{ updateOne: { filter: {}, update: null } }], [{ updateOne: { filter: {}, update: [] } }], [{ updateMany: { update: { a: 1 } } }],
    [{ updateMany: { filter: {}, update: { a: 1 } } }], [{ replaceOne: { filter: {}, replacement: { $set: { a: 1 } } } }], [{ replaceOne: { filter: {} } }], [{ replaceOne: { replacement: {} } }], [{ deleteOne: { q: { _id: 1 } } }], [{ deleteMany: { q: { _id: 1 } } }], [{ replaceOne: { q: { _id: 1 } } }], [{ updateOne: { q: { _id: 1 }, u: { $set: { a: 1 } } } }],
    [{ removeOne: { filter: { _id: 3 } } }], [{ insertMany: [{ _id: 100 }] }], [{ insertOne: null }], [{ insertOne: { document: null } }], [{ updateOne: null }], [{ insertOne: { _id: 77 } }, { odd: 1 }], [{ updateOne: { filter: {}, update: { $set: { a: 1 } }, sort: { n: 'odd' } } }],
  ].map(operations => [`bulkWrite(${JSON.stringify(operations)})`, ({ c }) => c.bulkWrite(operations === undefined ? undefined : structuredClone(operations))]),
  ({ c }) => c.bulkWrite([{ insertOne: { _id: 112 } }], { explain: true }),
));

test('the builders', () => check(
  ...['initializeOrderedBulkOp', 'initializeUnorderedBulkOp'].flatMap(name => [
    [`${name}: everything`, ({ c }) => {
      const bulk = c[name]({ comment: 'x' });
      bulk.insert({ _id: 20 });
      bulk.find({ _id: 20 }).update({ $set: { a: 1 } });
      bulk.find({ _id: 20 }).upsert().updateOne({ $set: { a: 1 } });
      bulk.find({ _id: 21 }).upsert().replaceOne({ z: 1 });
      bulk.find({ _id: 1 }).deleteOne();
      bulk.find({ _id: 2 }).delete();
      bulk.insert({ _id: 22 }).raw({ insertOne: { _id: 23 } });
      bulk.find({ _id: 3 }).hint('_id_').collation({ locale: 'en' }).arrayFilters([{ x: 1 }]).updateOne({ $set: { 'a.$[x]': 1 } });
      return bulk.execute({ writeConcern: { w: 1 } }).catch(failure);
    }],
    [`${name}: facts`, ({ c }) => {
      const bulk = c[name]();
      bulk.insert({ _id: 20 }).find({ _id: 20 }).update({ $set: { a: 1 } }).insert({ _id: 21 }).find({}).delete();
      return [bulk.length, bulk.isOrdered, bulk.operationId, bulk.bsonOptions, bulk.writeConcern, bulk.batches.map(batch => [batch.batchType, batch.operations, batch.originalIndexes, batch.originalZeroIndex])];
    }],
    [`${name}: twice`, async ({ c }) => { const bulk = c[name]().insert({ _id: 20 }); await bulk.execute(); return bulk.execute(); }],
    [`${name}: empty`, ({ c }) => c[name]().execute()],
    [`${name}: empty, then not`, async ({ c }) => { const bulk = c[name](); await bulk.execute().catch(() => {}); return bulk.insert({ _id: 20 }).execute(); }],
    [`${name}: explain`, ({ c }) => c[name]().insert({ _id: 20 }).execute({ explain: true })],
    [`${name}: w 0`, ({ c }) => c[name]().insert({ _id: 20 }).execute({ writeConcern: { w: 0 } })],
    [`${name}: option`, ({ c }) => c[name]({ ordered: name.includes('Un') }).isOrdered],
    ...[
      bulk => bulk.find(), bulk => bulk.find(null), bulk => bulk.find({}).update({ a: 1 }).length, bulk => bulk.find({}).updateOne({ a: 1 }), bulk => bulk.find({}).replaceOne({ $set: { a: 1 } }), bulk => bulk.find({}).update(null), bulk => bulk.find('x').update({ $set: { a: 1 } }),
      bulk => bulk.insert(null), bulk => bulk.raw({ odd: 1 }), bulk => bulk.raw(null), bulk => bulk.raw({ updateOne: { q: 1 } }), bulk => bulk.raw({ insertMany: [{ a: 1 }] }), bulk => bulk.find({}).upsert().delete().length, bulk => bulk.find({}).remove, bulk => bulk.find({}).hint({ a: 1 }).constructor.name, bulk => bulk.constructor.name,
      bulk => bulk.find({}).upsert().updateOne([{ $set: { a: 1 } }]).length, bulk => bulk.raw({ deleteOne: { filter: {} } }).length, bulk => Object.getPrototypeOf(Object.getPrototypeOf(bulk)).constructor.name,
    ].map(call => [`${name}: ${call}`, ({ c }) => call(c[name]())]),
  ]),
));

const models = namespace => [
  { name: 'insertOne', namespace, document: { _id: 100 } }, { name: 'updateOne', namespace, filter: { _id: 1 }, update: { $set: { a: 1 } }, upsert: true, collation: { locale: 'en' } },
  { name: 'updateMany', namespace: namespace.replace('.c', '.d'), filter: {}, update: [{ $set: { a: 1 } }], upsert: false }, { name: 'replaceOne', namespace: namespace.replace('.c', '.d'), filter: { _id: 5 }, replacement: { z: 1 }, upsert: true },
  { name: 'deleteOne', namespace, filter: { _id: 2 }, collation: { locale: 'en' } }, { name: 'deleteMany', namespace, filter: { none: 1 } },
];

test('client.bulkWrite', () => check(
  ...[
    {}, undefined, { verboseResults: true }, { ordered: false }, { ordered: true, verboseResults: true }, { bypassDocumentValidation: true }, { bypassDocumentValidation: false }, { let: { a: 1 } }, { comment: 'x' }, { writeConcern: { w: 1 } }, { maxTimeMS: 500 },
    { writeConcern: { w: 0 } }, { writeConcern: { w: 0 }, ordered: false }, { writeConcern: { w: 0 }, ordered: false, verboseResults: true }, { explain: true }, { strange: 1 }, { ordered: false, verboseResults: true, comment: 'x', let: { a: 1 }, bypassDocumentValidation: true, writeConcern: { w: 1 } },
  ].map(options => [`with ${JSON.stringify(options)}`, ({ client, database }) => client.bulkWrite(models(`${database}.c`), options)]),
  ...[true, false].flatMap(ordered => [true, false].flatMap(verboseResults => [
    [{ _id: 100 }, { _id: 1 }, { _id: 101 }], [{ _id: 1 }], [{ _id: 1 }, { _id: 2 }, { _id: 100 }],
  ].map(documents => [`duplicates ${JSON.stringify([documents, ordered, verboseResults])}`, ({ client, database }) => client.bulkWrite(documents.map(document => ({ name: 'insertOne', namespace: `${database}.c`, document: { ...document } })), { ordered, verboseResults })]))),
  ({ client }) => client.bulkWrite([]),
  ({ client }) => client.bulkWrite([null]),
  ...[
    { name: 'insertOne', document: {}, namespace: 'nodot' }, { name: 'insertOne' }, { name: 'updateOne', filter: {}, update: { a: 1 } }, { name: 'updateMany', filter: {}, update: [] }, { name: 'updateMany', filter: {}, update: [{ a: 1 }] }, { name: 'updateMany', filter: {}, update: {} },
    { name: 'updateMany', filter: {}, update: [{ $set: { a: 1 } }, { a: 1 }] }, { name: 'updateOne', filter: {}, update: { $set: { a: 1 }, b: 1 } }, { name: 'replaceOne', filter: {}, replacement: { $set: { a: 1 } } }, { name: 'replaceOne', filter: { _id: 1 }, replacement: {} }, { name: 'replaceOne', filter: { _id: 1 }, replacement: { a: 1, $b: 1 } }, { name: 'replaceOne', filter: {} }, { name: 'updateOne', filter: {} },
    { name: 'deleteOne', filter: { $bad: 1 } }, { name: 'updateOne', filter: { _id: 1 }, update: { $bad: 1 } }, { name: 'updateOne', filter: { _id: 900 }, update: { $set: { a: 1 } }, upsert: true }, { name: 'updateOne', filter: {}, update: { $set: { a: 1 } }, hint: '_id_', arrayFilters: [] }, { name: 'updateOne', filter: {}, update: { $set: { a: 1 } }, upsert: false },
  ].map(model => [`client.bulkWrite([${JSON.stringify(model)}])`, ({ client, database }) => client.bulkWrite([{ namespace: `${database}.c`, ...structuredClone(model) }], { verboseResults: true }), { adjust: ({ commands, ...rest }) => ({ ...rest, sent: commands.length }) }]),
  async ({ client, database }) => { const document = {}; await client.bulkWrite([{ name: 'insertOne', namespace: `${database}.c`, document }]); return Object.keys(document); },
));

test('a large bulk write is split and put together', async () => {
  const { ours } = scene;
  const text = 'x'.repeat(1024 * 1024);
  const documents = Array.from({ length: 40 }, (_, i) => ({ _id: 1000 + i, text }));
  const result = await ours.c.insertMany(documents);
  assert.deepEqual([result.insertedCount, Object.keys(result.insertedIds).length], [40, 40]);
  const error = await ours.c.insertMany(documents.slice(20).concat(documents.slice(20).map(document => ({ ...document, _id: document._id + 1000 }))), { ordered: false }).catch(e => e);
  assert.deepEqual([error.writeErrors.length, error.writeErrors[19].index, error.insertedCount, Object.keys(error.insertedIds)[0]], [20, 19, 20, '20']);
  const models = documents.map(document => ({ name: 'replaceOne', namespace: `${ours.database}.c`, filter: { _id: document._id }, replacement: { text } }));
  const verbose = await ours.client.bulkWrite(models, { verboseResults: true });
  assert.deepEqual([verbose.matchedCount, verbose.updateResults.size, verbose.updateResults.get(39).matchedCount], [40, 40, 1]);
});

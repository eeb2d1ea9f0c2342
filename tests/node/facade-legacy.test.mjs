// Calls of older drivers: there when they are wanted, gone when they are not.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import stream from 'node:stream';
import { useLegacy } from '../../crates/whimbrel-script/js/driver/legacy.js';
import { useFacade } from '../../crates/whimbrel-script/js/driver/index.js';
import { addBuiltin } from '../../crates/whimbrel-script/js/runtime/builtins.js';
import { stage } from './facade.mjs';

const scene = await stage();
const { ours, printed } = scene;
const OLD = ['update', 'insert', 'remove', 'save', 'ensureIndex', 'dropAllIndexes', 'stats', 'findAndModify', 'findAndRemove'];
addBuiltin('stream', stream);

async function fresh() {
  await ours.admin.db(ours.database).collection('c').deleteMany({});
  await ours.admin.db(ours.database).collection('c').insertMany([1, 2, 3].map(n => ({ _id: n, n })));
  return ours.c;
}

test('off: nothing of it is there, as in the current driver', async () => {
  useLegacy('off');
  for (const name of OLD) {
    assert.equal(ours.c[name], undefined, name);
    assert.equal(scene.theirs.c[name], undefined, name);
  }
  assert.throws(() => ours.c.update({}, {}), TypeError);
  assert.equal(ours.c.find().each, undefined);
  assert.equal(ours.c.initializeOrderedBulkOp().find({}).removeOne, undefined);
  assert.equal(scene.ours.lib.ObjectID, undefined);
  let called = false;
  await (await fresh()).insertOne({ _id: 9 }, () => { called = true; });
  assert.equal(called, false);
});

test('auto: old methods work, and the first says that it is deprecated', async () => {
  useLegacy('auto');
  printed.length = 0;
  const c = await fresh();
  for (let i = 0; i < 2; i++) {
    await c.update({}, { $set: { a: 1 } }, { multi: true });
    await c.update({ _id: 1 }, { $set: { a: 2 } });
    await c.update({ _id: 2 }, { whole: true });
    await c.insert([{ _id: 10 + i }, { _id: 20 + i }]);
    await c.insert({ _id: 30 + i });
    await c.remove({ _id: 3 });
    await c.save({ _id: 40, s: i });
    await c.save({ fresh: true });
    await c.ensureIndex({ a: 1 });
    assert.equal((await c.findAndModify({ _id: 1 }, [['_id', 1]], { $set: { b: i } }, { new: true })).value.b, i);
    assert.equal((await c.findAndModify({ _id: 1 }, null, { b: i, r: 1 })).value.b, i);
    assert.equal((await c.findAndModify({ _id: 10 + i }, null, null, { remove: true })).value._id, 10 + i);
    assert.equal((await c.findAndRemove({ _id: 20 + i }, [['_id', 1]])).value._id, 20 + i);
    assert.ok((await c.stats()).count > 0);
    assert.equal(await c.count({ _id: 40 }), 1);
    await c.dropAllIndexes();
    const bulk = c.initializeUnorderedBulkOp();
    bulk.find({ _id: 30 }).removeOne();
    bulk.find({ _id: 31 }).remove();
    await bulk.execute();
  }
  assert.deepEqual((await ours.db.collection('c').find({ _id: { $lt: 50 } }, { sort: { _id: 1 } }).toArray()).filter(d => d._id <= 40), [{ _id: 1, b: 1, r: 1 }, { _id: 2, whole: true }, { _id: 40, s: 1 }]);
  assert.deepEqual(printed, ['warn: collection.update() is deprecated; use updateOne, updateMany or bulkWrite']);
  // Results keep their shape of today.
  assert.deepEqual(Object.getOwnPropertyNames(await c.updateOne({ _id: 1 }, { $set: { z: 1 } })), ['acknowledged', 'modifiedCount', 'upsertedId', 'upsertedCount', 'matchedCount']);
  assert.equal((await c.findOneAndUpdate({ _id: 1 }, { $set: { z: 2 } })).z, 1);
});

test('auto: callbacks', async () => {
  useLegacy('auto');
  const c = await fresh();
  const called = call => new Promise(resolve => { assert.equal(call((error, value) => resolve([error, value])), undefined); });
  assert.deepEqual(await called(done => c.findOne({ _id: 1 }, done)), [null, { _id: 1, n: 1 }]);
  assert.deepEqual(await called(done => c.findOne({ _id: 1 }, { projection: { n: 1, _id: 0 } }, done)), [null, { n: 1 }]);
  assert.equal((await called(done => c.find({}).toArray(done)))[1].length, 3);
  assert.equal((await called(done => c.find({}).sort({ _id: 1 }).next(done)))[1]._id, 1);
  assert.equal((await called(done => c.insertOne({ _id: 1 }, done)))[0].code, 11000);
  assert.equal((await called(done => c.updateMany({}, { $set: { a: 1 } }, {}, done)))[1].modifiedCount, 3);
  assert.equal((await called(done => c.remove({ _id: 3 }, done)))[1].deletedCount, 1);
  assert.equal((await called(done => c.createIndex({ a: 1 }, done)))[1], 'a_1');
  assert.equal((await called(done => ours.db.command({ ping: 1 }, done)))[1].ok, 1);
  assert.equal((await called(done => ours.db.admin().ping(done)))[1].ok, 1);
  assert.equal((await called(done => c.initializeOrderedBulkOp().insert({ _id: 8 }).execute(done)))[1].insertedCount, 1);
  assert.equal((await called(done => c.updateOne({}, { a: 1 }, done)))[0].message, 'Update document requires atomic operators');
  assert.equal((await called(done => { ours.db.collection('c', done); }))[1].collectionName, 'c');
  const seen = [];
  assert.deepEqual(await called(done => c.find().sort({ _id: 1 }).forEach(d => { seen.push(d._id); }, done)), [null, undefined]);
  await new Promise(resolve => { c.find().sort({ _id: 1 }).each((error, d) => { if (d === null) resolve(); else seen.push(d._id); }); });
  assert.deepEqual(seen, [1, 2, 8, 1, 2, 8]);
  const doubled = [];
  for await (const id of c.find().stream({ transform: d => d._id * 2 })) doubled.push(id);
  assert.deepEqual(doubled, [2, 4, 16]);
  // What takes a function for itself is left alone.
  assert.equal(await ours.client.withSession(async () => 5), 5);
  assert.deepEqual(await c.find({ _id: 1 }).map(d => d._id).toArray(), [1]);
});

test('on: results of older shapes as well', async () => {
  useLegacy('on');
  const c = await fresh();
  const inserted = await c.insertOne({ _id: 50 });
  assert.deepEqual([inserted.result, inserted.insertedCount, inserted.ops], [{ ok: 1, n: 1 }, 1, [{ _id: 50 }]]);
  assert.deepEqual(Object.keys(inserted), ['acknowledged', 'insertedId']);
  assert.deepEqual((await c.insertMany([{ _id: 51 }, { _id: 52 }])).result, { ok: 1, n: 2 });
  assert.deepEqual((await c.updateMany({}, { $set: { a: 1 } })).result, { ok: 1, n: 6, nModified: 6 });
  assert.equal((await c.update({ _id: 1 }, { $set: { a: 2 } })).result.nModified, 1);
  assert.deepEqual((await c.replaceOne({ _id: 1 }, { r: 1 })).ops, [{ r: 1 }]);
  assert.equal((await c.deleteMany({ _id: { $gt: 50 } })).result.n, 2);
  assert.equal((await c.remove({ _id: 50 })).result.n, 1);
  assert.equal((await c.findOneAndUpdate({ _id: 2 }, { $set: { q: 1 } }, { returnOriginal: false })).value.q, 1);
  assert.equal((await c.findOneAndDelete({ _id: 2 })).value._id, 2);
  assert.equal((await c.findOneAndDelete({ _id: 3 }, { includeResultMetadata: false }))._id, 3);
  useLegacy('off');
  assert.equal((await c.insertOne({ _id: 60 })).result, undefined);
});

test('the old name of ObjectId', () => {
  assert.equal(useFacade(scene.ops, { database: 'facade_b' }).mongodb.ObjectID.name, 'ObjectId');
  assert.equal(useFacade(scene.ops, { database: 'facade_b', legacy: 'off' }).mongodb.ObjectID, undefined);
});

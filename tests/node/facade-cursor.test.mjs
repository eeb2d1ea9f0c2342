// Cursors: how they are consumed, what they know of themselves, and how they end.

import assert from 'node:assert/strict';
import stream from 'node:stream';
import test from 'node:test';
import { addBuiltin } from '../../crates/whimbrel-script/js/runtime/builtins.js';
import { stage, table } from './facade.mjs';

const seed = { c: Array.from({ length: 10 }, (_, i) => ({ _id: i, n: i })) };
addBuiltin('stream', stream);
const scene = await stage();
const check = (...calls) => table(scene, calls, { seed, dump: false });
const state = cursor => [cursor.id === undefined ? 'none' : cursor.id.isZero() ? 'zero' : 'open', cursor.closed, cursor.killed, cursor.bufferedCount()];
/** A call for a cursor with everything in its first batch, and for one with several batches. */
const both = call => [10, 3, 1].map(size => [`batches of ${size}: ${call}`, side => call(side.c.find().sort({ _id: 1 }).batchSize(size === 10 ? 100 : size), side)]);
const everyKind = call => Object.entries({
  find: ({ c }) => c.find(), aggregate: ({ c }) => c.aggregate(), listIndexes: ({ c }) => c.listIndexes(), listCollections: ({ db }) => db.listCollections(), runCursorCommand: ({ db }) => db.runCursorCommand({ find: 'c' }), listSearchIndexes: ({ c }) => c.listSearchIndexes(), 'db.aggregate': ({ db }) => db.aggregate([{ $documents: [] }]),
}).map(([name, make]) => [`${name}: ${call}`, side => call(make(side), side)]);

test('what a cursor knows', () => check(
  ...everyKind(cursor => [cursor.constructor.name, Object.getPrototypeOf(Object.getPrototypeOf(cursor)).constructor.name]),
  ...everyKind(cursor => [cursor.namespace, String(cursor.namespace)]),
  ...everyKind(cursor => [state(cursor), cursor.loadBalanced, cursor.readConcern, cursor.readPreference]),
  ...everyKind((cursor, { lib }) => [cursor instanceof lib.AbstractCursor, cursor instanceof lib.ExplainableCursor]),
  ...everyKind(cursor => typeof cursor.then),
  ({ lib }) => [lib.AbstractCursor.CLOSE, lib.CURSOR_FLAGS],
  ({ c }) => c.aggregate([{ $match: {} }]).pipeline,
));

test('taking documents', () => check(
  ...both(async cursor => [await cursor.next(), state(cursor)]),
  ...both(async cursor => [await cursor.hasNext(), state(cursor), await cursor.hasNext(), await cursor.next()]),
  ...both(async cursor => [await cursor.tryNext(), state(cursor)]),
  ...both(async cursor => { const seen = []; while (await cursor.hasNext()) seen.push((await cursor.next())._id); return [seen, state(cursor), await cursor.next()]; }),
  ...both(async cursor => { const seen = []; for (let d = await cursor.next(); d !== null; d = await cursor.next()) seen.push(d._id); return [seen, state(cursor)]; }),
  ...both(async cursor => { const seen = []; for (let d = await cursor.tryNext(); d !== null; d = await cursor.tryNext()) seen.push(d._id); return [seen, state(cursor)]; }),
  ...both(async cursor => [(await cursor.toArray()).length, state(cursor)]),
  ...both(async cursor => { await cursor.toArray(); return [await cursor.toArray(), await cursor.next(), await cursor.hasNext(), await cursor.tryNext(), state(cursor)]; }),
  ...both(async cursor => { await cursor.next(); return [(await cursor.toArray()).length, state(cursor)]; }),
  ...both(async cursor => { const seen = []; for await (const d of cursor) seen.push(d._id); return [seen, state(cursor)]; }),
  ...both(async cursor => { await cursor.next(); const seen = []; for await (const d of cursor) seen.push(d._id); return [seen, state(cursor)]; }),
  ...both(async cursor => { for await (const d of cursor) void d; let n = 0; for await (const d of cursor) { void d; n += 1; } return n; }),
  ...both(async cursor => { let n = 0; for await (const d of cursor) { void d; n += 1; if (n === 2) break; } return [n, state(cursor)]; }),
  ...both(async cursor => { let n = 0; for await (const d of cursor) { void d; n += 1; if (n === 5) break; } return [n, state(cursor), (await cursor.next())?._id]; }),
  ...both(async cursor => { try { for await (const d of cursor) throw new Error(`at ${d._id}`); } catch (error) { return [error.message, state(cursor)]; } }),
  ...both(async cursor => { const seen = []; const result = await cursor.forEach(d => { seen.push(d._id); }); return [seen, result, state(cursor)]; }),
  ...both(async cursor => { let n = 0; await cursor.forEach(() => { n += 1; return n < 2; }); return [n, state(cursor)]; }),
  ...both(cursor => cursor.forEach(() => { throw new Error('in forEach'); })),
  ...both(cursor => cursor.forEach(5)),
  ...both(cursor => cursor.forEach()),
  ...both(async cursor => { await cursor.next(); const before = cursor.bufferedCount(); return [before, cursor.readBufferedDocuments(1), cursor.readBufferedDocuments(), cursor.bufferedCount(), cursor.readBufferedDocuments(-1), cursor.readBufferedDocuments(0), (await cursor.next())?._id]; }),
  ...both(cursor => cursor.readBufferedDocuments()),
  ({ c }) => c.find({ none: 1 }).next(),
  ({ c }) => c.find({ none: 1 }).toArray(),
  ({ c }) => c.find({ none: 1 }).hasNext(),
  ({ db }) => db.collection('none').find().toArray(),
));

test('transforms', () => check(
  ...both(cursor => cursor.map(d => d._id).toArray()),
  ...both(cursor => cursor.map(d => d._id).map(id => id + 1).toArray()),
  ...both(cursor => cursor.map(async d => d._id).toArray()),
  ...both(cursor => cursor.map(async d => d._id).next()),
  ...both(async cursor => { const seen = []; for await (const id of cursor.map(d => d._id)) seen.push(id); return seen; }),
  ...both(cursor => cursor.map(() => null).next()),
  ...both(cursor => cursor.map(() => null).toArray()),
  ...both(cursor => cursor.map(() => undefined).toArray()),
  ...both(cursor => cursor.map(() => 0).toArray()),
  ...both(cursor => cursor.map(() => { throw new Error('t'); }).next()),
  ...both(async cursor => { await cursor.map(() => { throw new Error('t'); }).next().catch(() => {}); return state(cursor); }),
  ...both(async cursor => { cursor.map(d => d._id); await cursor.hasNext(); return cursor.readBufferedDocuments(2); }),
  ...both(async cursor => { cursor.map(d => d._id); await cursor.toArray(); cursor.rewind(); return cursor.next(); }),
  ...both(cursor => cursor.map(d => d._id) === cursor),
));

test('settings once it has begun', () => check(
  ...['limit', 'skip', 'batchSize', 'maxTimeMS', 'maxAwaitTimeMS', 'sort', 'project', 'filter', 'hint', 'min', 'max', 'returnKey', 'showRecordId', 'comment', 'collation', 'allowDiskUse', 'map', 'withReadConcern', 'withReadPreference'].flatMap(name => [
    [`${name} after next`, async ({ c }) => { const cursor = c.find().batchSize(2); await cursor.next(); return cursor[name](2); }],
    [`${name} after the end`, async ({ c }) => { const cursor = c.find(); await cursor.toArray(); return cursor[name](2); }],
    [`${name} after close`, async ({ c }) => { const cursor = c.find(); await cursor.close(); return cursor[name]('x') && 1; }],
  ]),
  async ({ c }) => { const cursor = c.find(); await cursor.next(); return cursor.addCursorFlag('partial', true); },
  async ({ c }) => { const cursor = c.find(); await cursor.next(); return cursor.addQueryModifier('$hint', 'x'); },
  async ({ c }) => { const cursor = c.aggregate(); await cursor.next(); return cursor.match({}); },
  async ({ c }) => { const cursor = c.find(); await cursor.next(); return cursor.count(); },
  async ({ c }) => { const cursor = c.find(); await cursor.next(); return (await cursor.explain()).ok; },
));

test('the end', () => check(
  ...both(async cursor => { await cursor.close(); return [state(cursor), await cursor.next(), await cursor.toArray(), await cursor.hasNext(), await cursor.tryNext()]; }),
  ...both(async cursor => { await cursor.next(); await cursor.close(); return state(cursor); }),
  ...both(async cursor => { await cursor.next(); await cursor.close(); return [await cursor.next(), await cursor.hasNext()]; }),
  ...both(async cursor => { await cursor.next(); await cursor.close(); return cursor.toArray(); }),
  ...both(async cursor => { await cursor.next(); await cursor.close(); return cursor.hasNext(); }),
  ...both(async cursor => { await cursor.next(); await cursor.close(); return cursor.tryNext(); }),
  ...both(async cursor => { await cursor.next(); await cursor.close(); return cursor.readBufferedDocuments(); }),
  ...both(async cursor => { await cursor.next(); await cursor.close(); const seen = []; for await (const d of cursor) seen.push(d); return seen; }),
  ...both(async cursor => { await cursor.next(); await cursor.close(); const seen = []; await cursor.forEach(d => { seen.push(d); }); return seen; }),
  ...both(async cursor => { await cursor.next(); await cursor.close(); await cursor.close(); return state(cursor); }),
  ...both(async cursor => { await cursor.next(); cursor.rewind(); return [state(cursor), (await cursor.toArray()).length]; }),
  ...both(async cursor => { await cursor.toArray(); cursor.rewind(); return [state(cursor), (await cursor.toArray()).length, state(cursor)]; }),
  ...both(async cursor => { cursor.rewind(); return (await cursor.toArray()).length; }),
  ...both(async cursor => { const events = []; cursor.on('close', () => events.push('close')); await cursor.toArray(); return [...events]; }),
  ...both(async cursor => { const events = []; cursor.once('close', () => events.push('close')); await cursor.next(); await cursor.close(); await cursor.close(); return events; }),
  ...both(async cursor => { const events = []; cursor.on('close', () => events.push('close')); await cursor.close(); return events; }),
  async ({ c }) => { const cursor = c.find({ bad: { $foo: 1 } }); return [await cursor.next().catch(error => error.message), state(cursor), await cursor.next()]; },
  async ({ c }) => { const cursor = c.find({ bad: { $foo: 1 } }); return [await cursor.toArray().catch(error => error.message), await cursor.toArray()]; },
  ({ c }) => c.find({ bad: { $foo: 1 } }).forEach(() => {}),
  async ({ c }) => { const cursor = c.find(); await cursor[Symbol.asyncDispose](); return state(cursor); },
));

// The driver's clones forget some settings of the original, such as the batch size; ours keep all.
test('clones', () => table(scene, [
  ...both(async cursor => { const other = cursor.clone(); await cursor.toArray(); return [state(other), (await other.toArray()).length]; }),
  ...both(async cursor => (await cursor.clone().filter({ _id: 3 }).toArray()).length),
  ...both(cursor => cursor.map(d => d._id).clone().next()),
].map(([what, call]) => [what, call, { wire: false }]), { seed, dump: false }));

test('at the same time', () => table(scene, [
  // Two readers of one cursor share it; how is the driver's own affair when both start it.
  async ({ c }) => { const cursor = c.find().batchSize(3); await cursor.next(); const all = await Promise.all(Array.from({ length: 5 }, () => cursor.next())); return all.length; },
  async ({ c }) => { const [a, b] = await Promise.all([c.find().toArray(), c.find({ n: { $gt: 5 } }).toArray()]); return [a.length, b.length]; },
].map(call => [call.toString(), call, { wire: false }]), { seed, dump: false }));

test('streams', () => check(
  ...both(async cursor => { const seen = []; for await (const d of cursor.stream()) seen.push(d._id); return [seen, state(cursor)]; }),
  ...both(async cursor => { const seen = []; for await (const d of cursor.stream({ transform: d => d._id * 2 })) seen.push(d); return seen; }),
  ...both(async cursor => { const seen = []; for await (const d of cursor.map(d => d._id).stream()) seen.push(d); return seen; }),
  ...both(async cursor => { const made = cursor.stream(); for await (const d of made) { void d; break; } return [made.destroyed, cursor.closed, made.constructor.name]; }),
  ...both(cursor => { const made = cursor.stream(); return [made.readableObjectMode, made.readableHighWaterMark, made.constructor.name]; }),
  ...both(cursor => new Promise((resolve, reject) => { const seen = []; cursor.stream().on('data', d => seen.push(d._id)).on('end', () => resolve(seen)).on('error', reject); })),
  ({ c }) => new Promise(resolve => { c.find({ bad: { $foo: 1 } }).stream().on('data', () => {}).on('error', error => resolve(error.message)); }),
  ({ c }) => new Promise(resolve => { c.find().map(() => { throw new Error('t'); }).stream().on('data', () => {}).on('error', error => resolve(error.message)); }),
));

test('signals and time limits', () => table(scene, [
  ({ c }) => c.find({}, { signal: AbortSignal.abort() }).toArray(),
  ({ c }) => c.find({}, { signal: AbortSignal.abort(new Error('mine')) }).next(),
  ({ c }) => c.find({}, { signal: {} }),
  async ({ c }) => { const controller = new AbortController(); const cursor = c.find({}, { signal: controller.signal }).batchSize(2); await cursor.next(); controller.abort(new Error('mine')); await new Promise(resolve => setTimeout(resolve, 5)); return [cursor.closed, await cursor.toArray().catch(error => error.message)]; },
  ({ c }) => c.aggregate([], { signal: AbortSignal.abort(new Error('mine')) }).toArray(),
  ({ c }) => c.findOne({}, { signal: AbortSignal.abort(new Error('mine')) }),
  ({ c }) => c.countDocuments({}, { signal: AbortSignal.abort(new Error('mine')) }),
  ({ db }) => db.listCollections({}, { signal: AbortSignal.abort(new Error('mine')) }).toArray(),
  ({ db }) => db.command({ ping: 1 }, { signal: AbortSignal.abort(new Error('mine')) }),
  ({ c }) => c.find({}, { timeoutMS: 5000 }).toArray(),
  ({ c }) => c.insertOne({ _id: 500 }, { timeoutMS: 5000 }),
  ({ c }) => c.updateOne({ _id: 1 }, { $set: { a: 1 } }, { timeoutMS: 5000, maxTimeMS: 50 }),
  ({ c }) => c.bulkWrite([{ insertOne: { _id: 500 } }], { timeoutMS: 5000 }),
].map(call => [call.toString(), call, { wire: false }]), { seed }));

test('a tailable cursor ends when it has given what there is', async () => {
  // The driver waits for more, for ever if need be; work that ends has nothing to wait for.
  const { ours } = scene;
  await ours.admin.db(ours.database).createCollection('tail', { capped: true, size: 4096 });
  await ours.db.collection('tail').insertMany([{ _id: 1 }, { _id: 2 }]);
  const cursor = ours.db.collection('tail').find({}, { tailable: true });
  assert.deepEqual(await cursor.toArray(), [{ _id: 1 }, { _id: 2 }]);
  assert.ok(cursor.closed);
});

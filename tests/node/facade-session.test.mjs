// Sessions and transactions.

import assert from 'node:assert/strict';
import test from 'node:test';
import { stage, table } from './facade.mjs';

const seed = { c: [1, 2, 3].map(n => ({ _id: n, n })) };
const scene = await stage();
const check = (...calls) => table(scene, calls, { seed });
const t = session => [session.transaction.state, session.transaction.isActive, session.transaction.isCommitted, session.transaction.isStarting, session.transaction.isPinned, session.inTransaction()];
/** A call with a session of its own. */
const withOne = (call, options) => [`${call}${options ? ` ${JSON.stringify(options)}` : ''}`, side => call(side.client.startSession(options), side)];

test('what a session knows', () => check(
  withOne(s => [s.hasEnded, s.explicit, s.snapshotEnabled, s.supports, s.clusterTime, s.operationTime, s.timeoutMS, s.defaultTransactionOptions, s.isPinned, s.loadBalanced, s.inTransaction(), s.constructor.name]),
  withOne(s => [s.id.id.sub_type, s.id.id.buffer.length, Object.keys(s.id), s.serverSession.constructor.name, Object.keys(s.serverSession), s.serverSession.hasTimedOut(30)]),
  withOne(async (s, { c }) => { const before = s.id.id.toString('hex'); await c.findOne({}, { session: s }); const after = s.id.id.toString('hex'); await s.endSession(); return [before === after, s.id.id.toString('hex') === after]; }),
  withOne(async (s, { c }) => { await c.findOne({}, { session: s }); return [Object.keys(s.clusterTime), s.operationTime._bsontype]; }),
  withOne(s => s.toBSON()),
  withOne((s, { client }) => [s.equals(s), s.equals(client.startSession()), s.equals({}), s.equals(5), s.equals(null)]),
  withOne(s => [s.supports, s.snapshotEnabled], { causalConsistency: false }),
  withOne(s => [s.supports, s.snapshotEnabled], { snapshot: true }),
  withOne(s => s.defaultTransactionOptions, { defaultTransactionOptions: { maxCommitTimeMS: 5, readConcern: { level: 'local' } } }),
  withOne(s => { s.startTransaction(); return s.transaction.options; }, { defaultTransactionOptions: { maxCommitTimeMS: 5, readConcern: { level: 'local' } } }),
  withOne(s => { s.startTransaction({ readConcern: 'majority', writeConcern: { w: 1, j: true }, readPreference: 'primary' }); return s.transaction.options; }, { defaultTransactionOptions: { maxCommitTimeMS: 5 } }),
  withOne(s => { s.startTransaction(); return [s.transaction.options, t(s)]; }),
  ({ client }) => client.startSession({ snapshot: true, causalConsistency: true }),
  ({ client }) => client.startSession(null).hasEnded,
  ({ client }) => client.startSession(5).hasEnded,
  withOne(s => { s.incrementTransactionNumber(); return s.serverSession.constructor.name; }),
));

test('times', () => check(
  withOne((s, { lib }) => { s.advanceOperationTime(new lib.Timestamp({ t: 1, i: 1 })); s.advanceOperationTime(new lib.Timestamp({ t: 5, i: 1 })); s.advanceOperationTime(new lib.Timestamp({ t: 3, i: 1 })); return s.operationTime.t; }),
  withOne(s => s.advanceOperationTime({})),
  withOne(s => s.advanceClusterTime({})),
  withOne(s => s.advanceClusterTime(5)),
  withOne(s => s.advanceClusterTime(null)),
  withOne((s, { lib }) => s.advanceClusterTime({ clusterTime: new lib.Timestamp({ t: 1, i: 1 }) })),
  withOne((s, { lib }) => s.advanceClusterTime({ clusterTime: new lib.Timestamp({ t: 1, i: 1 }), signature: 5 })),
  withOne((s, { lib }) => s.advanceClusterTime({ clusterTime: new lib.Timestamp({ t: 1, i: 1 }), signature: { hash: new lib.Binary(new Uint8Array(20)), keyId: 'x' } })),
  ...[0, 5n].map(keyId => withOne((s, { lib }) => { s.advanceClusterTime({ clusterTime: new lib.Timestamp({ t: 1, i: 1 }), signature: { hash: new lib.Binary(new Uint8Array(20)), keyId } }); return s.clusterTime.clusterTime.t; })),
  withOne((s, { lib }) => { for (const n of [3, 7, 5]) s.advanceClusterTime({ clusterTime: new lib.Timestamp({ t: n, i: 1 }), signature: { hash: new lib.Binary(new Uint8Array(20)), keyId: lib.Long.ZERO } }); return s.clusterTime.clusterTime.t; }),
));

test('transactions by hand', () => check(
  withOne(s => { s.startTransaction(); return s.startTransaction(); }),
  withOne(s => s.commitTransaction()),
  withOne(s => s.abortTransaction()),
  withOne(async s => { s.startTransaction(); await s.commitTransaction(); return t(s); }),
  withOne(async s => { s.startTransaction(); await s.commitTransaction(); await s.commitTransaction(); return s.abortTransaction(); }),
  withOne(async s => { s.startTransaction(); await s.abortTransaction(); return t(s); }),
  withOne(async s => { s.startTransaction(); await s.abortTransaction(); return s.commitTransaction(); }),
  withOne(async s => { s.startTransaction(); await s.abortTransaction(); return s.abortTransaction(); }),
  withOne(async (s, { c }) => { s.startTransaction(); await c.insertOne({ _id: 70 }, { session: s }); const one = t(s); await s.commitTransaction(); return [one, t(s)]; }),
  withOne(async (s, { c }) => { s.startTransaction(); await c.insertOne({ _id: 70 }, { session: s }); await s.abortTransaction(); return t(s); }),
  withOne(async (s, { c }) => { s.startTransaction(); await c.insertOne({ _id: 70 }, { session: s }); await s.commitTransaction(); await s.commitTransaction(); return t(s); }),
  withOne(async (s, { c }) => { s.startTransaction(); await c.insertOne({ _id: 70 }, { session: s }); await s.commitTransaction(); await c.findOne({}, { session: s }); return t(s); }),
  withOne(async (s, { c }) => { s.startTransaction(); await c.insertOne({ _id: 70 }, { session: s }); await s.abortTransaction(); await c.insertOne({ _id: 71 }, { session: s }); return t(s); }),
  withOne(async (s, { c }) => { for (const n of [1, 2, 3]) { s.startTransaction(); await c.insertOne({ _id: 70 + n }, { session: s }); await (n === 2 ? s.abortTransaction() : s.commitTransaction()); } return t(s); }),
  withOne(async (s, { c }) => { s.startTransaction({ readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' }, maxCommitTimeMS: 500 }); await c.insertOne({ _id: 70 }, { session: s }); await s.commitTransaction(); }),
  withOne(async (s, { c }) => { s.startTransaction(); await c.insertOne({ _id: 73 }, { session: s, readConcern: 'local', writeConcern: { w: 1 } }); await c.find({}, { session: s, readConcern: 'majority' }).toArray(); await s.abortTransaction(); }),
  withOne(async (s, { db }) => { const c = db.collection('c', { readConcern: 'majority', writeConcern: { w: 1 }, readPreference: 'secondary' }); s.startTransaction(); await c.updateMany({}, { $set: { a: 1 } }, { session: s }); await c.findOne({}, { session: s }); await s.commitTransaction(); }),
  withOne(async (s, { c }) => { s.startTransaction(); await c.insertOne({ _id: 1 }, { session: s }).catch(error => error.message); return s.commitTransaction().catch(error => [error.code, error.errorLabels]); }),
  withOne(async (s, { c }) => { s.startTransaction(); const result = await c.bulkWrite([{ insertOne: { _id: 1 } }], { session: s }).catch(error => [error.constructor.name, error.errorLabels]); await s.abortTransaction(); return result; }),
  withOne(async (s, { c }) => { s.startTransaction(); const result = await c.bulkWrite([{ insertOne: { _id: 70 } }, { updateOne: { filter: { _id: 70 }, update: { $set: { a: 1 } } } }], { session: s, writeConcern: { w: 1 } }); await s.commitTransaction(); return result; }),
  withOne(async (s, { c }) => { s.startTransaction(); const found = await c.find({}, { session: s, batchSize: 1 }).toArray(); await s.commitTransaction(); return found; }),
  withOne(async (s, { c }) => { s.startTransaction(); await c.aggregate([{ $match: { n: 1 } }], { session: s }).toArray(); await c.countDocuments({}, { session: s }); await c.distinct('n', {}, { session: s }); await s.commitTransaction(); }),
  withOne(async (s, { c }) => { s.startTransaction(); await c.findOneAndUpdate({ _id: 1 }, { $set: { a: 1 } }, { session: s }); await c.deleteMany({ _id: 2 }, { session: s }); await c.replaceOne({ _id: 3 }, { z: 1 }, { session: s }); await s.commitTransaction(); }),
  withOne(async (s, { db }) => { s.startTransaction(); await db.command({ insert: 'c', documents: [{ _id: 80 }] }, { session: s }); await s.commitTransaction(); }),
  withOne(async (s, { client, database }) => { s.startTransaction(); await client.bulkWrite([{ name: 'insertOne', namespace: `${database}.c`, document: { _id: 80 } }], { session: s }); await s.commitTransaction(); }),
  withOne(async (s, { c }) => { s.startTransaction(); await c.estimatedDocumentCount({ session: s }).finally(() => s.abortTransaction()); }),
  withOne(async (s, { c }) => { s.startTransaction(); await c.drop({ session: s }).finally(() => s.abortTransaction()); }),
  withOne(async (s, { db }) => { s.startTransaction(); await db.createCollection('made', { session: s }); await s.commitTransaction(); }),
  withOne(async (s, { c }) => { s.startTransaction(); await c.createIndex({ z: 1 }, { session: s }).finally(() => s.abortTransaction()); }),
  withOne(async (s, { c }) => { s.startTransaction(); await c.rename('other', { session: s }).finally(() => s.abortTransaction()); }),
  withOne(async (s, { c }) => { await c.insertOne({ _id: 95 }, { session: s }); return c.findOne({ _id: 95 }, { session: s }); }),
  withOne(async (s, { c }) => { await c.bulkWrite([{ insertOne: { _id: 95 } }], { session: s, writeConcern: { w: 1 } }); return (await c.find({}, { session: s, readConcern: 'local' }).toArray()).length; }),
));

test('what is refused', () => check(
  withOne(s => s.startTransaction({ writeConcern: { w: 0 } })),
  withOne(s => s.startTransaction({ writeConcern: { w: 1 }, readPreference: 'odd' })),
  withOne(s => s.startTransaction(), { snapshot: true }),
  withOne((s, { c }) => { s.startTransaction(); return c.insertOne({ _id: 71 }, { session: s, writeConcern: { w: 0 } }); }),
  withOne((s, { c }) => c.insertOne({ _id: 72 }, { session: s, writeConcern: { w: 0 } })),
  withOne((s, { c }) => c.updateOne({ _id: 1 }, { $set: { a: 1 } }, { session: s, writeConcern: { w: 0 } })),
  withOne((s, { c }) => c.bulkWrite([{ insertOne: { _id: 72 } }], { session: s, writeConcern: { w: 0 } })),
  withOne((s, { c }) => c.findOneAndDelete({ _id: 1 }, { session: s, writeConcern: { w: 0 } })),
  withOne((s, { db }) => db.collection('c', { writeConcern: { w: 0 } }).insertOne({ _id: 72 }, { session: s })),
  withOne((s, { db }) => { s.startTransaction(); return db.collection('c', { writeConcern: { w: 0 } }).insertOne({ _id: 72 }, { session: s }); }),
  withOne((s, { c }) => { s.startTransaction(); return c.findOne({}, { session: s, readPreference: 'secondary' }); }),
  withOne((s, { c }) => { s.startTransaction({ readPreference: 'secondary' }); return c.findOne({}, { session: s }); }),
  withOne(async (s, { c }) => { s.startTransaction({ readPreference: 'secondary' }); const done = await c.insertOne({ _id: 9 }, { session: s }); await s.abortTransaction(); return done; }),
  withOne((s, { c }) => { s.startTransaction(); return c.find({}, { session: s, readPreference: 'secondary' }).toArray(); }),
  withOne((s, { c }) => { s.startTransaction(); return c.aggregate([], { session: s, readPreference: 'nearest' }).toArray(); }),
  withOne(async (s, { c }) => { s.startTransaction(); const done = await c.insertOne({ _id: 9 }, { session: s, readPreference: 'secondary' }); await s.abortTransaction(); return done; }),
  withOne((s, { db }) => { s.startTransaction(); return db.command({ ping: 1 }, { session: s, readPreference: 'secondary' }); }),
  ({ c }) => c.findOne({}, { session: {} }),
  ({ c }) => c.insertOne({}, { session: 5 }),
  ({ c }) => c.findOne({}, { session: null }),
  withOne(async (s, { c }) => { await s.endSession(); return c.findOne({}, { session: s }); }),
  withOne(async (s, { c }) => { await s.endSession(); return c.insertOne({ _id: 9 }, { session: s }); }),
  withOne(async (s, { c }) => { await s.endSession(); return c.insertMany([{ _id: 9 }], { session: s }); }),
  withOne(async (s, { c }) => { await s.endSession(); return c.find({}, { session: s }).toArray(); }),
  withOne(async (s, { db }) => { await s.endSession(); return db.command({ ping: 1 }, { session: s }); }),
  withOne(async s => { await s.endSession(); return s.commitTransaction(); }),
  withOne(async (s, { c }) => { const cursor = c.find({}, { session: s, batchSize: 2 }); await cursor.next(); await s.endSession(); return cursor.toArray(); }),
  withOne(async (s, { c }) => c.insertOne({ x: 1 }, { session: s }).catch(error => error.code), { snapshot: true }),
));

test('snapshot sessions', () => check(
  withOne(async (s, { c }) => { const one = await c.findOne({}, { session: s }); return one; }, { snapshot: true }),
  withOne(async (s, { c }) => (await c.aggregate([{ $match: { n: 1 } }], { session: s }).toArray()).length, { snapshot: true }),
));

test('withTransaction', () => check(
  withOne(s => s.withTransaction(() => 5)),
  withOne(s => s.withTransaction(async () => 5)),
  withOne(s => s.withTransaction(async () => null)),
  withOne(s => s.withTransaction(async () => { throw new Error('x'); })),
  withOne(s => s.withTransaction(() => { throw new Error('x'); })),
  withOne(s => s.withTransaction(async () => { throw 'text'; })),
  withOne(s => s.withTransaction()),
  withOne((s, { c }) => s.withTransaction(async one => { await c.insertOne({ _id: 80 }, { session: one }); return [one === s, t(one)]; })),
  withOne(async (s, { c }) => { await s.withTransaction(async () => { await c.insertOne({ _id: 80 }, { session: s }); }); return t(s); }),
  withOne((s, { c }) => s.withTransaction(async () => { await c.insertOne({ _id: 80 }); return 7; })),
  withOne((s, { c }) => s.withTransaction(async () => { await c.insertOne({ _id: 80 }, { session: s }); await s.abortTransaction(); return 7; })),
  withOne((s, { c }) => s.withTransaction(async () => { await c.insertOne({ _id: 80 }, { session: s }); await s.commitTransaction(); return 7; })),
  withOne((s, { c }) => s.withTransaction(async () => { await c.insertOne({ _id: 80 }, { session: s }); throw new Error('after'); })),
  withOne((s, { c }) => s.withTransaction(async () => { await c.insertOne({ _id: 1 }, { session: s }); })),
  withOne((s, { c }) => s.withTransaction(async () => { await c.bulkWrite([{ insertOne: { _id: 1 } }], { session: s }); })),
  withOne((s, { c, lib }) => { let n = 0; return s.withTransaction(async () => { n += 1; await c.insertOne({ _id: 83 }, { session: s }); if (n < 3) throw new lib.MongoServerError({ message: 'm', errorLabels: ['TransientTransactionError'] }); return n; }); }),
  withOne((s, { lib }) => { let n = 0; return s.withTransaction(async () => { n += 1; if (n < 3) { const error = new lib.MongoError('m'); error.addErrorLabel('TransientTransactionError'); throw error; } return n; }); }),
  withOne((s, { lib }) => { let n = 0; return s.withTransaction(async () => { n += 1; if (n < 3) { const error = new lib.MongoError('m'); error.addErrorLabel('UnknownTransactionCommitResult'); throw error; } return n; }); }),
  withOne(s => { let n = 0; return s.withTransaction(async () => { n += 1; if (n < 3) throw Object.assign(new Error('m'), { hasErrorLabel: () => true }); return n; }); }),
  withOne(s => { s.startTransaction(); return s.withTransaction(async () => 1); }),
  withOne(async s => { await s.withTransaction(async () => 1); return s.withTransaction(async () => 2); }),
  withOne((s, { c }) => s.withTransaction(async () => { await c.insertOne({ _id: 84 }, { session: s }); }, { readConcern: 'majority', writeConcern: { w: 'majority' }, maxCommitTimeMS: 500, readPreference: 'primary' })),
  withOne(s => s.withTransaction(async () => 1, { writeConcern: { w: 0 } })),
  withOne((s, { c }) => s.withTransaction(async () => { await c.insertOne({ _id: 84 }, { session: s }); return 1; }, { timeoutMS: 5000 })),
));

test('withSession and the end', () => check(
  ({ client }) => client.withSession(async () => 5),
  ({ client }) => client.withSession({ causalConsistency: false }, async s => s.supports),
  ({ client }) => client.withSession(() => 5),
  ({ client }) => client.withSession(async () => { throw new Error('x'); }),
  ({ client }) => client.withSession(),
  ({ client }) => client.withSession({}),
  async ({ client }) => { let kept; await client.withSession(async s => { kept = s; }); return kept.hasEnded; },
  async ({ client }) => { let kept; await client.withSession(async s => { kept = s; throw new Error('x'); }).catch(() => {}); return kept.hasEnded; },
  ({ client, c }) => client.withSession(s => s.withTransaction(async () => { await c.insertOne({ _id: 85 }, { session: s }); return 'done'; })),
  withOne(async s => { await s.endSession(); await s.endSession(); return s.hasEnded; }),
  withOne(async s => { const seen = []; s.on('ended', other => seen.push(other === s)); await s.endSession(); return seen; }),
  withOne(async (s, { c }) => { s.startTransaction(); await c.insertOne({ _id: 96 }, { session: s }); await s.endSession(); return [s.hasEnded, t(s)]; }),
  withOne(async s => { s.startTransaction(); await s.endSession(); return t(s); }),
  withOne(async s => { await s[Symbol.asyncDispose](); return s.hasEnded; }),
));

test('several operations of one session at the same time', async () => {
  // The driver sends them side by side, and what the server makes of that varies; here they go one after the other.
  const { ours } = scene;
  await ours.admin.db(ours.database).createCollection('together').catch(() => {});
  const session = ours.client.startSession();
  session.startTransaction();
  await Promise.all(Array.from({ length: 10 }, (_, i) => ours.db.collection('together').insertOne({ _id: i }, { session })));
  await session.commitTransaction();
  await session.endSession();
  assert.equal(await ours.db.collection('together').countDocuments(), 10);
});

test('a session that has ended fails at the first operation', async () => {
  for (const { client } of [scene.ours, scene.theirs]) {
    const session = client.startSession();
    await session.endSession();
    session.startTransaction();
    await assert.rejects(client.db('ended').collection('a').insertOne({}, { session }), { name: 'MongoExpiredSessionError' });
  }
});

test('a time limit ends the attempts', async () => {
  const { ours } = scene;
  const session = ours.client.startSession();
  const started = Date.now();
  const error = await session.withTransaction(async () => {
    await new Promise(resolve => setTimeout(resolve, 10));
    const transient = new ours.lib.MongoError('again');
    transient.addErrorLabel('TransientTransactionError');
    throw transient;
  }, { timeoutMS: 100 }).catch(e => e);
  assert.equal(error.name, 'MongoOperationTimeoutError');
  assert.equal(error.cause.message, 'again');
  assert.ok(Date.now() - started < 5000);
});

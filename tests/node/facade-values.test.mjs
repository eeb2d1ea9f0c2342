// The module `mongodb` itself: errors, concerns, preferences, constants, the client; without a server's help wherever possible.

import assert from 'node:assert/strict';
import test from 'node:test';
import { errorClasses } from '../../crates/whimbrel-script/js/driver/errors.js';
import { stage, table } from './facade.mjs';

const scene = await stage();
const check = (...calls) => table(scene, calls, { wire: false });
const show = value => JSON.stringify(value) ?? String(value);

test('error classes', () => check(
  ...Object.keys(errorClasses).flatMap(name => {
    const made = {
      MongoBulkWriteError: lib => new lib.MongoBulkWriteError({ message: 'm', code: 5, writeErrors: [{ index: 0 }] }, { insertedCount: 1 }), MongoWriteConcernError: lib => new lib.MongoWriteConcernError({ ok: 1, n: 2, writeConcernError: { code: 64, codeName: 'WriteConcernFailed', errmsg: 'waiting', errInfo: { wtimeout: true } } }),
      MongoServerError: lib => new lib.MongoServerError({ message: 'm', code: 5, codeName: 'C', errorLabels: ['A'], extra: { a: 1 } }), MongoClientBulkWriteError: lib => new lib.MongoClientBulkWriteError({ message: 'm' }), MongoCryptCreateDataKeyError: lib => new lib.MongoCryptCreateDataKeyError({ a: 1 }, { cause: new Error('c') }),
      MongoCryptCreateEncryptedCollectionError: lib => new lib.MongoCryptCreateEncryptedCollectionError({ a: 1 }, { cause: new Error('c') }), MongoSystemError: lib => new lib.MongoSystemError('m', { error: Object.assign(new Error('inner'), { code: 7 }) }), MongoServerSelectionError: lib => new lib.MongoServerSelectionError('m', { setName: 'x' }),
      MongoMissingDependencyError: lib => new lib.MongoMissingDependencyError('m', { dependencyName: 'd', cause: new Error('c') }), MongoCryptAzureKMSRequestError: lib => new lib.MongoCryptAzureKMSRequestError('m', { a: 1 }),
    }[name] ?? (lib => new lib[name]('m', { cause: new Error('c') }));
    return [
      [`new ${name}`, ({ lib }) => made(lib)],
      [`${name}: what it is`, ({ lib }) => Object.keys(errorClasses).filter(other => made(lib) instanceof lib[other])],
      [`${name}: errmsg and labels`, ({ lib }) => { const error = made(lib); const before = [error.errmsg, error.errorLabels, error.hasErrorLabel('X')]; error.addErrorLabel('X'); return [before, error.errorLabels, error.hasErrorLabel('X'), Object.keys(error), JSON.stringify(error)]; }],
      [`${name}: own names`, ({ lib }) => [lib[name].name, typeof Object.getOwnPropertyDescriptor(lib[name].prototype, 'name')?.get]],
    ];
  }),
  ...['MongoExpiredSessionError', 'MongoCursorInUseError', 'MongoBatchReExecutionError', 'MongoTailableCursorError', 'MongoServerClosedError', 'MongoTopologyClosedError', 'MongoClientClosedError'].map(name => [`new ${name}()`, ({ lib }) => new lib[name]()]),
  ({ lib }) => new lib.MongoServerError({ errmsg: 'e', code: 5 }),
  ({ lib }) => new lib.MongoServerError({ $err: 'e' }),
  ({ lib }) => new lib.MongoServerError({}),
  ({ lib }) => new lib.MongoNetworkError('m', { beforeHandshake: true }),
  ({ lib }) => new lib.MongoError(new Error('inner')),
  ({ lib }) => { class Mine extends lib.MongoError {} return [new Mine('x') instanceof lib.MongoError, new lib.MongoError('x') instanceof Mine, new Error('x') instanceof lib.MongoError, null instanceof lib.MongoError, 5 instanceof lib.MongoError]; },
));

test('instanceof holds for errors of another copy of the driver', () => {
  const { ours, theirs } = scene;
  for (const name of ['MongoError', 'MongoServerError', 'MongoDriverError', 'MongoAPIError', 'MongoInvalidArgumentError']) {
    assert.ok(new theirs.lib.MongoInvalidArgumentError('x') instanceof ours.lib[name] === (name !== 'MongoServerError'), name);
    assert.ok(new theirs.lib.MongoServerError({ message: 'x' }) instanceof ours.lib[name] === ['MongoError', 'MongoServerError'].includes(name), name);
  }
  class Mine extends ours.lib.MongoError {}
  assert.ok(!(new theirs.lib.MongoError('x') instanceof Mine));
});

test('ReadPreference', () => check(
  ...[['primary'], ['secondary', [{ a: '1' }]], ['secondary', { maxStalenessSeconds: 5 }], ['nearest', [{}], { maxStalenessSeconds: 90, hedge: { enabled: true } }], ['odd'], [], [null], ['primary', [{ a: 1 }]], ['primary', [], { maxStalenessSeconds: 5 }], ['primary', [], { hedge: { enabled: true } }], ['secondary', 'x'], ['secondary', [], { maxStalenessSeconds: -1 }], ['secondary', [], { maxStalenessSeconds: 0 }], ['secondary', null, null]].flatMap(args => [
    [`new ReadPreference(${show(args)})`, ({ lib }) => new lib.ReadPreference(...args)],
    [`ReadPreference(${show(args)}), asked`, ({ lib }) => { const made = new lib.ReadPreference(...args); return [made.preference, made.isValid(), made.isValid('odd'), made.isValid('nearest'), made.secondaryOk(), made.equals(lib.ReadPreference.secondary), made.toJSON()]; }],
  ]),
  ...['primary', 'odd', null, undefined, 5].flatMap(mode => [[`fromString(${show(mode)})`, ({ lib }) => lib.ReadPreference.fromString(mode)], [`isValid(${show(mode)})`, ({ lib }) => lib.ReadPreference.isValid(mode)]]),
  ...[undefined, null, {}, { readPreference: 'secondary' }, { readPreference: 'secondary', readPreferenceTags: [{ a: 1 }], maxStalenessSeconds: 90, hedge: { enabled: true } }, { readPreference: { mode: 'nearest', tags: [{ a: 1 }], maxStalenessSeconds: 90 } }, { readPreference: { preference: 'nearest' } }, { readPreference: 5 }, { readPreference: {} }, { readPreference: 'odd' }].flatMap(options => [
    [`fromOptions(${show(options)})`, ({ lib }) => lib.ReadPreference.fromOptions(structuredClone(options))], [`translate(${show(options)})`, ({ lib }) => lib.ReadPreference.translate(structuredClone(options))],
  ]),
  ({ lib }) => ['PRIMARY', 'PRIMARY_PREFERRED', 'SECONDARY', 'SECONDARY_PREFERRED', 'NEAREST', 'primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', 'nearest'].map(name => lib.ReadPreference[name]),
));

test('ReadConcern and WriteConcern', () => check(
  ...['majority', undefined, null, 'odd'].map(level => [`new ReadConcern(${show(level)})`, ({ lib }) => [new lib.ReadConcern(level), new lib.ReadConcern(level).toJSON()]]),
  ...[undefined, null, {}, { readConcern: 'local' }, { readConcern: { level: 'local' } }, { level: 'majority' }, { readConcern: {} }, { readConcern: null, level: 'local' }, { readConcern: 5 }].map(options => [`ReadConcern.fromOptions(${show(options)})`, ({ lib }) => lib.ReadConcern.fromOptions(options)]),
  ({ lib }) => { const concern = new lib.ReadConcern('local'); return lib.ReadConcern.fromOptions({ readConcern: concern }) === concern; },
  ({ lib }) => [lib.ReadConcern.MAJORITY, lib.ReadConcern.AVAILABLE, lib.ReadConcern.LINEARIZABLE, lib.ReadConcern.SNAPSHOT],
  ...[[], [1], ['majority'], ['1'], [0], [1, 500], [1, 500, true], [1, 500, false, true], [undefined, undefined, true], [2, 0, undefined, false], ['tag']].map(args => [`new WriteConcern(${show(args)})`, ({ lib }) => [new lib.WriteConcern(...args), lib.WriteConcern.apply({ a: 1 }, new lib.WriteConcern(...args))]]),
  ...[
    undefined, null, {}, 1, 'majority', 0, { w: 1 }, { writeConcern: { w: 1 } }, { writeConcern: { w: 'majority', wtimeout: 5, j: true } }, { writeConcern: { wtimeoutMS: 5, journal: true } }, { writeConcern: { fsync: true } }, { writeConcern: 1 }, { writeConcern: {} }, { writeConcern: null }, { j: true }, { writeConcern: 'majority' },
  ].flatMap(options => [
    [`WriteConcern.fromOptions(${show(options)})`, ({ lib }) => lib.WriteConcern.fromOptions(options)],
    [`WriteConcern.fromOptions(${show(options)}, concern)`, ({ lib }) => lib.WriteConcern.fromOptions(options, new lib.WriteConcern(3, 7, false))],
    [`WriteConcern.fromOptions(${show(options)}, options)`, ({ lib }) => lib.WriteConcern.fromOptions(options, { writeConcern: { w: 3 } })],
  ]),
));

test('constants', () => check(
  ...['BatchType', 'AutoEncryptionLoggerLevel', 'GSSAPICanonicalizationValue', 'AuthMechanism', 'Compressor', 'CURSOR_FLAGS', 'CursorTimeoutMode', 'MongoErrorLabel', 'ExplainVerbosity', 'ServerApiVersion', 'MongoLoggableComponent', 'SeverityLevel', 'ReturnDocument', 'ProfilingLevel', 'ReadConcernLevel', 'ReadPreferenceMode', 'ServerType', 'TopologyType', 'BSONType'].map(name => [name, ({ lib }) => [lib[name], Object.isFrozen(lib[name])]]),
));

test('the client', () => check(
  ({ client }) => client.connect().then(other => other === client),
  ({ client }) => [client.serverApi, client.timeoutMS, client.readConcern, client.writeConcern, client.readPreference, client.bsonOptions],
  ({ client }) => client.appendMetadata({ name: 'x' }),
  ({ client }) => [client.on('commandStarted', () => {}) === client, client.listenerCount('open')],
  ({ client }) => { const seen = []; const one = () => seen.push(1); client.on('x', one); client.once('x', () => seen.push(2)); client.emit('x'); client.emit('x'); client.off('x', one); return [seen, client.emit('x'), client.listenerCount('x')]; },
  ({ client }) => client.db('some').databaseName,
  ({ client }) => [client.options.retryWrites, client.options.retryReads, client.options.forceServerObjectId, client.options.raw, client.options.monitorCommands === undefined],
));

test('a connection of its own is refused, and what to do is said', async () => {
  const { lib } = scene.ours;
  const refusal = { name: 'MongoAPIError', code: 'ERR_NOT_OFFERED', message: /not offered in a migration: use the `client` that the migration is given/ };
  assert.throws(() => new lib.MongoClient('mongodb://localhost'), refusal);
  await assert.rejects(lib.MongoClient.connect('mongodb://localhost'), refusal);
});

test('what else is refused says so', () => {
  const { lib, db, client, c } = scene.ours;
  const offers = [
    () => c.watch(), () => db.watch(), () => client.watch(), () => new lib.GridFSBucket(db), () => new lib.ClientEncryption(client, {}), () => new lib.ChangeStream(), () => new lib.GridFSBucketReadStream(), () => new lib.GridFSBucketWriteStream(), () => new lib.ChangeStreamCursor(), () => new lib.MongoClientAuthProviders(),
  ];
  for (const call of offers) assert.throws(call, { name: 'MongoAPIError', code: 'ERR_NOT_OFFERED', message: /is not offered in a migration: ./ }, String(call));
});

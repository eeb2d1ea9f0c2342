// The list of the driver's surface: against the typings of the npm package, against the façade, and against the page that is made of it.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'node:test';
import { BulkOperationBase, FindOperators } from '../../crates/whimbrel-script/js/driver/bulk/operation.js';
import { Batch } from '../../crates/whimbrel-script/js/driver/bulk/models.js';
import { BulkWriteResult, WriteConcernError, WriteError, emptyTotals } from '../../crates/whimbrel-script/js/driver/bulk/result.js';
import { ListSearchIndexesCursor, RunCommandCursor } from '../../crates/whimbrel-script/js/driver/cursor/lists.js';
import { TypedEventEmitter } from '../../crates/whimbrel-script/js/driver/emitter.js';
import { useFacade } from '../../crates/whimbrel-script/js/driver/index.js';
import { ServerSession } from '../../crates/whimbrel-script/js/driver/session.js';
import { options, surface } from '../../crates/whimbrel-script/js/driver/surface.js';
import { MongoDBCollectionNamespace, MongoDBNamespace } from '../../crates/whimbrel-script/js/driver/values/namespace.js';
import { documented, driverPage } from './surface-docs.mjs';

const require = createRequire(import.meta.url);
const official = require('mongodb');
const folder = require.resolve('mongodb/package.json').replace(/package\.json$/, '');
const { version, types } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8'));
const PAGE = new URL('../../docs/driver.md', import.meta.url);

/** Classes of the typings with their public members. */
function typedClasses() {
  const text = readFileSync(`${folder}${types}`, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const classes = new Map();
  for (const [, name, body] of text.matchAll(/^export declare (?:abstract )?class (\w+)[^\n]*?\{\n([\s\S]*?)^\}/gm)) {
    const members = new Set();
    for (const line of body.split('\n')) {
      const found = line.match(/^ {4}(?!private |protected )((?:(?:static|abstract|readonly|get|set) )*)(\[Symbol\.\w+\]|[\w$]+)\??[<(:;]/);
      if (found) members.add(found[1].includes('static') ? `static ${found[2]}` : found[2]);
    }
    classes.set(name, members);
  }
  return classes;
}

/** Options of connections, of what is refused, and of values that are handed on as they are. */
const NOT_OF_METHODS = new RegExp('KMS|Encryption|^Mongo(Client|Options|Credentials|NetworkError)|Azure|AWS|GCP|KMIP|GridFS|ChangeStream|Connection|Socket|Monitor|Auth|Proxy|Pool'
  + '|^(LogComponent|Range|SelectServer|StreamDescription|StringQuery|TopologyDescription|Connect|Hedge|TimeSeries|Clustered|Collation|ReadPreference\\w*|Index)\\w*Options$');

/** Interfaces of options in the typings, with the members that each adds. */
function typedOptions() {
  const text = readFileSync(`${folder}${types}`, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const interfaces = new Map();
  for (const [, name, body] of text.matchAll(/^export declare interface (\w+(?:Options|Model))(?:<[^\n]*?>)?(?: extends [^\n]*?)? \{\n([\s\S]*?)^\}/gm)) {
    if (!NOT_OF_METHODS.test(name) || name === 'IndexInformationOptions') interfaces.set(name, [...body.matchAll(/^ {4}(?:readonly )?'?([\w$]+)'?\??:/gm)].map(found => found[1]));
  }
  return interfaces;
}

const typed = typedClasses();
const settings = { database: 'none', legacy: 'off' };
const { client, mongodb } = useFacade({ sessionStart: () => 1, sessionInfo: () => ({ id: { id: 'x' } }) }, settings);
const db = client.db();
const collection = db.collection('c');
const bulk = collection.initializeUnorderedBulkOp();
const session = client.startSession();

/** An object of each class, for members that are the object's own. */
const SAMPLES = {
  MongoClient: client, Db: db, Collection: collection, Admin: db.admin(), AbstractCursor: collection.find(), ExplainableCursor: collection.find(), FindCursor: collection.find(), AggregationCursor: collection.aggregate(), ListCollectionsCursor: db.listCollections(), ListIndexesCursor: collection.listIndexes(),
  RunCommandCursor: db.runCursorCommand({ a: 1 }), BulkOperationBase: bulk, OrderedBulkOperation: collection.initializeOrderedBulkOp(), UnorderedBulkOperation: bulk, FindOperators: bulk.find({}), BulkWriteResult: new BulkWriteResult(emptyTotals(), true), WriteError: new WriteError({}), WriteConcernError: new WriteConcernError({}), Batch: new Batch(1, 0),
  ClientSession: session, ServerSession: session.serverSession, ReadPreference: new mongodb.ReadPreference('secondary'), ReadConcern: new mongodb.ReadConcern('local'), WriteConcern: new mongodb.WriteConcern(1, 5, true), MongoDBNamespace: new MongoDBNamespace('d', 'c'), MongoDBCollectionNamespace: new MongoDBCollectionNamespace('d', 'c'),
  MongoBulkWriteError: new mongodb.MongoBulkWriteError({ message: 'm' }, {}), MongoWriteConcernError: new mongodb.MongoWriteConcernError({ writeConcernError: {} }), MongoServerError: new mongodb.MongoServerError({}), MongoClientBulkWriteError: new mongodb.MongoClientBulkWriteError({}), MongoMissingDependencyError: new mongodb.MongoMissingDependencyError('m', { dependencyName: 'd' }),
  MongoCryptCreateDataKeyError: new mongodb.MongoCryptCreateDataKeyError({}, { cause: new Error('c') }), MongoCryptCreateEncryptedCollectionError: new mongodb.MongoCryptCreateEncryptedCollectionError({}, { cause: new Error('c') }), MongoCryptAzureKMSRequestError: new mongodb.MongoCryptAzureKMSRequestError('m', {}),
};
const CLASSES = {
  ...mongodb, BulkOperationBase, FindOperators, Batch, BulkWriteResult, WriteError, WriteConcernError, ServerSession, RunCommandCursor, ListSearchIndexesCursor, TypedEventEmitter, MongoDBNamespace, MongoDBCollectionNamespace,
};
/** Classes of the connection, which nothing gives and the module of the driver does not export either. */
const TYPES_ONLY = new Set(['HostAddress', 'MongoCredentials', 'ServerDescription', 'StreamDescription', 'TopologyDescription']);
/** How the parts of the façade talk to each other. */
const INTERNAL = {
  Db: ['createPlain', 'dropPlain'], Collection: ['fullNamespace'], AbstractCursor: ['session', 'requireUnstarted', 'set', 'willOpen'], FindCursor: ['request'], AggregationCursor: ['request', 'willOpen'], ListCollectionsCursor: ['request'], ListIndexesCursor: ['request'], RunCommandCursor: ['request'],
  ClientSession: ['handleFor', 'snapshotConcern', 'noticeReply'], BulkWriteResult: ['getSuccessfullyInsertedIds'], Batch: ['add'],
};

const key = member => (member === '[Symbol.asyncDispose]' ? Symbol.asyncDispose : member === '[Symbol.asyncIterator]' ? Symbol.asyncIterator : member);
const of = (name, kind) => surface.filter(entry => entry.class === name && (kind === undefined || entry.kind === kind));
const wholes = new Map(surface.filter(entry => entry.kind === 'class').map(entry => [entry.class, entry]));

test('every class and member of the typings is in the list', () => {
  assert.ok(typed.size > 100, 'the typings were read');
  const missing = [];
  for (const [name, members] of typed) {
    if (wholes.has(name)) continue;
    const listed = new Set(of(name).map(({ kind, member }) => (kind === 'static' ? `static ${member}` : member)));
    for (const member of members) if (!listed.has(member) && !(member === 'constructor' && listed.size > 0)) missing.push(`${name}.${member}`);
  }
  assert.deepEqual(missing, []);
});

test('the list names nothing that the typings have not', () => {
  const extra = [];
  for (const { class: name, member, kind } of surface) {
    if (kind === 'class' ? !typed.has(name) : kind !== 'export' && !typed.get(name)?.has(kind === 'static' ? `static ${member}` : member)) extra.push(`${name}.${member}`);
  }
  assert.deepEqual(extra.filter(each => !each.endsWith('.constructor')), []);
  const names = surface.map(entry => `${entry.class} ${entry.kind === 'static' ? 'static ' : ''}${entry.member}`);
  assert.equal(new Set(names).size, names.length, 'each once');
});

test('the options are those of the typings', () => {
  const missing = [];
  const extra = [];
  for (const [name, wanted] of typedOptions()) {
    const listed = new Set(options.filter(each => each.interface === name).map(each => each.option));
    for (const option of wanted) if (!listed.delete(option)) missing.push(`${name}.${option}`);
    for (const option of listed) extra.push(`${name}.${option}`);
  }
  assert.deepEqual([missing, extra], [[], []]);
  assert.ok(options.length > 150);
});

test('the module exports what the driver exports, and the list says so', () => {
  const theirs = Object.keys(official).sort();
  assert.deepEqual(Object.keys(mongodb).sort(), theirs);
  for (const name of theirs) {
    assert.ok(of('mongodb', 'export').some(entry => entry.member === name) || typed.has(name) && surface.some(entry => entry.class === name), `${name} is not in the list`);
    assert.equal(typeof mongodb[name], typeof official[name], name);
  }
});

test('what is called supported or accepted is there', () => {
  const lies = [];
  for (const { class: name, member, kind, support } of surface) {
    if (support === 'refused' || kind === 'export' || TYPES_ONLY.has(name)) continue;
    const Class = CLASSES[name];
    if (typeof Class !== 'function') lies.push(`no class ${name}`);
    else if (kind === 'static' && !(key(member) in Class)) lies.push(`no static ${name}.${member}`);
    else if (kind === 'method' && typeof (Class.prototype[key(member)] ?? SAMPLES[name]?.[key(member)]) !== 'function') lies.push(`no method ${name}.${member}`);
    else if (kind === 'property' && support === 'supported' && !(key(member) in (SAMPLES[name] ?? Class.prototype))) lies.push(`no property ${name}.${member}`);
  }
  assert.deepEqual(lies, []);
});

test('what is called refused is', async () => {
  const refusal = { code: 'ERR_NOT_OFFERED', message: /is not offered in a migration: ./ };
  for (const { class: name, member, kind } of surface.filter(entry => entry.support === 'refused')) {
    const what = `${name}.${member}`;
    if (kind === 'class' || member === 'constructor') assert.throws(() => new CLASSES[name](), refusal, what);
    else if (kind === 'export') assert.throws(() => new mongodb[member](), refusal, what);
    else if (kind === 'static') await assert.rejects(async () => CLASSES[name][member](), refusal, what);
    else await assert.rejects(async () => SAMPLES[name][member](), refusal, what);
  }
});

test('the façade shows nothing that is not in the list', () => {
  const unlisted = [];
  for (const [name, Class] of Object.entries(CLASSES)) {
    if (typeof Class !== 'function' || !typed.has(name) || wholes.has(name)) continue;
    const listed = new Set([...of(name).map(entry => entry.member), 'constructor', ...INTERNAL[name] ?? []]);
    for (const member of Object.getOwnPropertyNames(Class.prototype)) if (!listed.has(member)) unlisted.push(`${name}.${member}`);
  }
  assert.deepEqual(unlisted, []);
});

test('every class with members has its place on the page', () => {
  const named = new Set(surface.filter(entry => !['class', 'export'].includes(entry.kind)).map(entry => entry.class));
  assert.deepEqual([...named].filter(name => !documented.has(name)), []);
});

test('docs/driver.md is what the list makes', () => {
  const page = driverPage(version);
  if (process.env.UPDATE_REFERENCE === '1') writeFileSync(PAGE, page);
  assert.equal(readFileSync(PAGE, 'utf8'), page, 'run `UPDATE_REFERENCE=1 node --test surface.test.mjs`');
});

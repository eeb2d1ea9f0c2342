'use strict';
// What a migration calls on `db`, `client`, collections and cursors: what it does not await is found, errors tell the
// place of the call, and in a transaction the session is added to every operation.

const path = require('path');
const { inner } = require('./driver.js');
const { fileOf, framesOf, isOwn, placeOf } = require('./modules.js');
const { LAZY, METHODS, RAW } = require('./methods.js');
const { KIND, isCurrent, owners, state, writesOut } = require('./wire.js');

/** What stands for an argument before the options that may be left out. */
const ABSENT = {
  find: () => ({}), findOne: () => ({}), count: () => ({}), countDocuments: () => ({}), deleteMany: () => ({}), distinct: () => ({}), listCollections: () => ({}),
  aggregate: () => [], watch: () => [],
};
/** Methods whose first argument is an object that is no options. */
const CURSOR_METHODS = ['next', 'hasNext', 'tryNext', 'forEach', 'toArray', 'count', 'explain'];
const inFlight = new Set();
/** Where drivers are. */
const folders = [`${path.sep}node_modules${path.sep}mongodb${path.sep}`];
/** Closes change streams that were left open, which nothing else ends; gives what they were. */
async function closeStreams() {
  const left = [...streams].filter(([stream]) => stream.closed !== true);
  streams.clear();
  for (const [stream] of left) await stream.close().catch(() => {});
  return left.map(([, entry]) => describePending(entry));
}

/** Closes cursors that were left open. */
async function closeCursors() {
  const left = [...opened].map(reference => reference.deref()).filter(cursor => cursor !== undefined && cursor.closed !== true && cursor.id !== undefined && cursor.id !== null);
  opened.clear();
  for (const cursor of left) await cursor.close().catch(() => {});
}

/** Aggregations that write, until somebody iterates them. */
const writing = new Map();
const cursors = new WeakMap();
/** Cursors and change streams, to be closed when the migration ends. */
const opened = new Set();
/** Change streams by what they watch: they have no end of their own. */
const streams = new Map();
const isThenable = value => typeof value?.then === 'function';

/** The first frame of a stack that is the project's, as `PATH:LINE:COLUMN`. */
function placeIn(stack) {
  return framesOf(stack).map(placeOf).find(place => isOwn(fileOf(place)));
}

/** Whether a call comes from inside a driver, as one of its methods uses another. */
function isNested(stack) {
  const [caller] = framesOf(stack);
  return caller !== undefined && folders.some(folder => caller.includes(folder));
}

function siteOf() {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 12;
  const site = new Error();
  Error.stackTraceLimit = before;
  return site;
}

function describePending({ label, site }) {
  const place = placeIn(site.stack);
  return place ? `${label} (at ${place})` : label;
}

/** Operations in flight that the script itself started. */
const pending = () => [...inFlight].filter(({ site }) => !isNested(site.stack)).map(describePending);

/** Awaits an operation; its error tells the place of the call where it would not. */
async function tracked(promise, entry) {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof Error && typeof error.stack === 'string' && !placeIn(error.stack)) {
      error.stack = `${error.stack}\n${framesOf(entry.site.stack).join('\n')}`;
    }
    throw error;
  } finally {
    inFlight.delete(entry);
  }
}

function track(label, call) {
  const entry = { label, site: siteOf() };
  const result = call();
  if (!isThenable(result)) return result;
  inFlight.add(entry);
  return tracked(result, entry);
}

/** Arguments with our session in the options, and no other. */
function withOptions(args, at, added, absent) {
  const copy = [...args];
  const callback = typeof copy.at(-1) === 'function' ? copy.pop() : undefined;
  // Older drivers take no options where the argument before them is not there. What must be there is left to the driver.
  while (copy.length < at) copy.push(undefined);
  if (at > 0 && copy[at - 1] === undefined) copy[at - 1] = absent;
  const options = copy[at];
  copy[at] = options !== null && typeof options === 'object' ? { ...options, ...added } : added;
  if (callback) copy.push(callback);
  return copy;
}

const nameOf = target => target.collectionName ?? target.namespace?.split('.').slice(1).join('.') ?? target.databaseName;

function wrapMethods(prototype, methods, clientOf) {
  for (const [name, at] of Object.entries(methods)) {
    const original = prototype[name];
    if (typeof original !== 'function') continue;
    prototype[name] = function (...args) {
      if (!state.run) return original.apply(this, args);
      const { home, transaction } = state;
      const client = clientOf(this);
      const context = owners.getStore() ?? { owner: state.run.owner };
      const kind = { ...context, raw: RAW.has(name), ours: client !== undefined && client === home?.client };
      const added = state.passesOptions ? { [KIND]: kind } : {};
      if (transaction && client === transaction.client && isCurrent(kind)) added.session = transaction.session;
      let given = args;
      if (Object.keys(added).length > 0) given = withOptions(args, at, added, ABSENT[name]?.());
      const target = nameOf(this);
      const label = target ? `${name} on ${target}` : name;
      if (!LAZY.has(name)) return track(label, () => owners.run(kind, () => original.apply(this, given)));
      const cursor = original.apply(this, given);
      if (cursor !== null && typeof cursor === 'object') {
        cursors.set(cursor, { label, kind });
        // Those of clients of the project's own are its own affair.
        if (kind.ours && typeof cursor.close === 'function') opened.add(new WeakRef(cursor));
        if (kind.ours && name === 'watch') streams.set(cursor, { label, site: siteOf() });
      }
      if (name === 'aggregate' && writesOut({ pipeline: args[0] })) writing.set(cursor, { label, site: siteOf() });
      return cursor;
    };
  }
}

function wrapCursors(prototypes) {
  const done = new Set();
  for (const prototype of prototypes) {
    for (const name of CURSOR_METHODS) {
      const original = Object.getOwnPropertyDescriptor(prototype ?? {}, name)?.value;
      if (typeof original !== 'function' || done.has(original)) continue;
      const wrapped = function (...args) {
        writing.delete(this);
        if (!state.run) return original.apply(this, args);
        const { label, kind } = cursors.get(this) ?? { label: 'a cursor', kind: owners.getStore() };
        return track(`${name} of ${label}`, () => owners.run(kind, () => original.apply(this, args)));
      };
      done.add(wrapped);
      prototype[name] = wrapped;
    }
    for (const name of [Symbol.asyncIterator, 'stream']) {
      const original = Object.getOwnPropertyDescriptor(prototype ?? {}, name)?.value;
      if (typeof original !== 'function') continue;
      prototype[name] = function (...args) {
        writing.delete(this);
        return original.apply(this, args);
      };
    }
  }
}

const instrumented = new Set();

/** Puts this into one copy of a driver. */
function instrument(located) {
  if (instrumented.has(located.file)) return;
  instrumented.add(located.file);
  folders.push(`${located.folder}${path.sep}`);
  const { Collection, Db, Admin, MongoClient, AbstractCursor, FindCursor, AggregationCursor } = require(located.file);
  const clientOf = target => target.client ?? target.s?.db?.client ?? target.s?.db?.s?.client ?? target.s?.client ?? target.s?.topology?.client;
  wrapMethods(Collection.prototype, METHODS.collection, clientOf);
  wrapMethods(Db.prototype, METHODS.db, clientOf);
  wrapMethods(Admin.prototype, METHODS.admin, clientOf);
  wrapMethods(MongoClient.prototype, METHODS.client, client => client);
  const { BulkOperationBase } = inner(located, 'bulk/common.js') ?? {};
  if (BulkOperationBase) wrapMethods(BulkOperationBase.prototype, METHODS.bulk, bulk => clientOf(bulk.collection ?? bulk.s?.collection ?? {}));
  const { ListCollectionsCursor } = inner(located, 'cursor/list_collections_cursor.js') ?? {};
  wrapCursors([AbstractCursor?.prototype, FindCursor?.prototype, AggregationCursor?.prototype, ListCollectionsCursor?.prototype].filter(Boolean));
}

/** Aggregations that write and that nobody iterated; each is told once. */
function unconsumed() {
  const labels = [...writing.values()].map(describePending);
  writing.clear();
  return labels;
}

const inFlightCount = () => inFlight.size;

module.exports = { closeCursors, closeStreams, inFlightCount, instrument, pending, placeIn, unconsumed };

// Calls of older drivers: `update`, `insert`, `remove`, …, callbacks, and results of old shapes.
//
// They are hung onto the classes when a script's run begins, or are not there at all:
//
// | mode | old methods, callbacks | results of old shapes |
// | --- | --- | --- |
// | `on` | yes; the first of a script says that it is deprecated | yes: `{ value }`, `result.result.n`, `ops` |
// | `auto` | the same | no |
// | `off` | no, as in the current driver | no |

import { BulkOperationBase, FindOperators } from './bulk/operation.js';
import { Admin } from './admin.js';
import { MongoClient } from './client.js';
import { Collection } from './collection.js';
import { resolve } from './options.js';
import { AbstractCursor } from './cursor/abstract.js';
import { FindCursor } from './cursor/find.js';
import { streamOf } from './cursor/stream.js';
import { AggregationCursor } from './cursor/aggregation.js';
import { Db } from './db.js';
import { deprecate } from './operation.js';
import { ClientSession } from './session.js';
import { hasOperators } from './shapes.js';
import { send } from './command.js';
import { SCOPE } from './symbols.js';

/** What was there before, by class and name, so that it can be put back. */
const replaced = [];
let mode = 'off';

function put(Class, name, method) {
  const { prototype } = Class;
  replaced.push([prototype, name, Object.getOwnPropertyDescriptor(prototype, name)]);
  Object.defineProperty(prototype, name, { value: method, writable: true, configurable: true, enumerable: false });
}

function takeAway() {
  for (const [prototype, name, before] of replaced.splice(0).reverse()) {
    if (before) Object.defineProperty(prototype, name, before);
    else delete prototype[name];
  }
}

// ---- old methods

const metadata = options => ({ ...options, includeResultMetadata: true });

/** Options of `findAndModify` in the spelling of today. */
function modern({ new: isNew, fields, remove, ...options } = {}, sort) {
  const given = metadata(options);
  if (isNew !== undefined) given.returnDocument = isNew ? 'after' : 'before';
  if (fields !== undefined) given.projection = fields;
  if (sort !== undefined && sort !== null) given.sort = sort;
  return given;
}

const COLLECTION = {
  async update(filter, update, options) {
    deprecate('collection.update()', 'updateOne, updateMany or bulkWrite');
    if (options?.multi) return this.updateMany(filter, update, options);
    return hasOperators(update) ? this.updateOne(filter, update, options) : this.replaceOne(filter, update, options);
  },
  async insert(documents, options) {
    deprecate('collection.insert()', 'insertOne, insertMany or bulkWrite');
    const given = options?.keepGoing ? { ...options, ordered: false } : options;
    return this.insertMany(Array.isArray(documents) ? documents : [documents], given);
  },
  async remove(filter = {}, options = {}) {
    deprecate('collection.remove()', 'deleteOne, deleteMany or bulkWrite');
    return options?.single || options?.justOne ? this.deleteOne(filter, options) : this.deleteMany(filter, options);
  },
  async save(document, options) {
    deprecate('collection.save()', 'insertOne, or replaceOne with upsert');
    if (document._id === undefined || document._id === null) return this.insertOne(document, options);
    return this.replaceOne({ _id: document._id }, document, { ...options, upsert: true });
  },
  async ensureIndex(spec, options) {
    deprecate('collection.ensureIndex()', 'createIndex');
    return this.createIndex(spec, options);
  },
  async dropAllIndexes(options) {
    deprecate('collection.dropAllIndexes()', 'dropIndexes');
    return this.dropIndexes(options);
  },
  async stats(options) {
    deprecate('collection.stats()', 'the $collStats aggregation stage');
    const command = { collStats: this.collectionName };
    if (options?.scale != null) command.scale = options.scale;
    return send(this[SCOPE], command, resolve(this[SCOPE], options), { kind: 'read', label: `stats on ${this.collectionName}` });
  },
  async findAndModify(query, sort, update, options) {
    deprecate('collection.findAndModify()', 'findOneAndUpdate, findOneAndReplace or findOneAndDelete');
    const given = modern(options, sort);
    if (options?.remove) return this.findOneAndDelete(query ?? {}, given);
    const name = hasOperators(update) ? 'findOneAndUpdate' : 'findOneAndReplace';
    return this[name](query ?? {}, update, given);
  },
  async findAndRemove(query, sort, options) {
    deprecate('collection.findAndRemove()', 'findOneAndDelete');
    return this.findOneAndDelete(query ?? {}, modern(options, sort));
  },
};

const CURSOR = {
  /** Calls back with each document, and at the end with null. */
  each(callback) {
    deprecate('cursor.each()', '`for await (const document of cursor)`');
    void (async () => {
      for await (const document of this) if (callback(null, document) === false) return;
      callback(null, null);
    })().catch(callback);
  },
};

/** Once, a stream could change what it gives. */
const STREAM = {
  stream(options) {
    if (typeof options?.transform !== 'function') return streamOf(this);
    deprecate('cursor.stream({ transform })', 'cursor.map(transform).stream()');
    return streamOf(this, options.transform);
  },
};

const FIND_OPERATORS = {
  remove() {
    deprecate('bulk.find().remove()', 'delete()');
    return this.delete();
  },
  removeOne() {
    deprecate('bulk.find().removeOne()', 'deleteOne()');
    return this.deleteOne();
  },
};

// ---- callbacks

/** Methods that once took a callback as their last argument. */
const CALLED_BACK = [
  [Collection, ['findOne', 'countDocuments', 'estimatedDocumentCount', 'count', 'distinct', 'insertOne', 'insertMany', 'bulkWrite',
    'updateOne', 'updateMany', 'replaceOne', 'deleteOne', 'deleteMany', 'findOneAndUpdate', 'findOneAndReplace', 'findOneAndDelete',
    'createIndex', 'createIndexes', 'dropIndex', 'dropIndexes', 'indexes', 'indexInformation', 'indexExists', 'drop', 'rename', 'options',
    'isCapped', ...Object.keys(COLLECTION)]],
  [Db, ['command', 'createCollection', 'dropCollection', 'renameCollection', 'dropDatabase', 'collections', 'stats', 'createIndex',
    'indexInformation', 'removeUser', 'profilingLevel', 'setProfilingLevel']],
  [Admin, ['command', 'buildInfo', 'serverInfo', 'serverStatus', 'ping', 'replSetGetStatus', 'listDatabases', 'removeUser',
    'validateCollection']],
  [AbstractCursor, ['toArray', 'next', 'tryNext', 'hasNext', 'close']],
  [FindCursor, ['count', 'explain']],
  [AggregationCursor, ['explain']],
  [MongoClient, ['connect', 'close']],
  [ClientSession, ['endSession', 'commitTransaction', 'abortTransaction']],
  [BulkOperationBase, ['execute']],
];

function answer(promise, callback) {
  // What the callback throws is an error that nobody handles, as it was then.
  promise.then(value => { callback(null, value); }, error => { callback(error); });
}

function withCallback(method) {
  return function calledBack(...args) {
    const callback = args.at(-1);
    if (typeof callback !== 'function') return method.apply(this, args);
    deprecate('a callback', 'the promise that is returned');
    answer(method.apply(this, args.slice(0, -1)), callback);
    return undefined;
  };
}

function installCallbacks() {
  for (const [Class, names] of CALLED_BACK) {
    for (const name of names) put(Class, name, withCallback(Class.prototype[name]));
  }
  const { forEach } = AbstractCursor.prototype;
  put(AbstractCursor, 'forEach', function forEachCalledBack(iterator, callback) {
    const promise = forEach.call(this, iterator);
    if (typeof callback !== 'function') return promise;
    deprecate('a callback', 'the promise that is returned');
    answer(promise, callback);
    return undefined;
  });
  const { collection } = Db.prototype;
  put(Db, 'collection', function collectionCalledBack(name, ...rest) {
    const callback = rest.at(-1);
    if (typeof callback !== 'function') return collection.call(this, name, ...rest);
    const found = collection.call(this, name, ...rest.slice(0, -1));
    callback(null, found);
    return found;
  });
}

// ---- old shapes of results

/** Adds what older drivers gave besides; it does not show, so that a result can still be stored or compared. */
function aged(result, old) {
  for (const [name, value] of Object.entries(old)) {
    if (!(name in result)) Object.defineProperty(result, name, { value, writable: true, configurable: true, enumerable: false });
  }
  return result;
}

const updated = result => aged(result, {
  result: { ok: 1, n: (result.matchedCount ?? 0) + (result.upsertedCount ?? 0), nModified: result.modifiedCount },
});
const SHAPES = {
  insertOne: (result, [document]) => aged(result, { result: { ok: 1, n: 1 }, insertedCount: 1, ops: [document] }),
  insertMany: (result, [documents]) => aged(result, { result: { ok: 1, n: result.insertedCount }, ops: documents }),
  updateOne: updated, updateMany: updated, replaceOne: (result, [, replacement]) => aged(updated(result), { ops: [replacement] }),
  deleteOne: result => aged(result, { result: { ok: 1, n: result.deletedCount } }),
  deleteMany: result => aged(result, { result: { ok: 1, n: result.deletedCount } }),
};

function installShapes() {
  for (const [name, shape] of Object.entries(SHAPES)) {
    const method = Collection.prototype[name];
    put(Collection, name, async function oldShape(...args) { return shape(await method.apply(this, args), args); });
  }
  for (const name of ['findOneAndUpdate', 'findOneAndReplace', 'findOneAndDelete']) {
    const method = Collection.prototype[name];
    const at = name === 'findOneAndDelete' ? 1 : 2;
    put(Collection, name, async function withMetadata(...args) {
      args[at] = { includeResultMetadata: true, ...oldReturn(args[at]) };
      return method.apply(this, args);
    });
  }
}

/** `returnOriginal: false` is how older drivers asked for the document after the change. */
function oldReturn(options) {
  if (options?.returnOriginal === undefined || options.returnDocument !== undefined) return options;
  return { ...options, returnDocument: options.returnOriginal ? 'before' : 'after' };
}

/** Sets how calls of older drivers are taken: `on`, `auto` or `off`. */
export function useLegacy(wanted) {
  takeAway();
  mode = wanted;
  if (mode === 'off') return;
  for (const [name, method] of Object.entries(COLLECTION)) put(Collection, name, method);
  for (const [name, method] of Object.entries(CURSOR)) put(AbstractCursor, name, method);
  put(AbstractCursor, 'stream', STREAM.stream);
  for (const [name, method] of Object.entries(FIND_OPERATORS)) put(FindOperators, name, method);
  const { count } = Collection.prototype;
  put(Collection, 'count', async function counted(...args) {
    deprecate('collection.count()', 'countDocuments or estimatedDocumentCount');
    return count.apply(this, args);
  });
  if (mode === 'on') installShapes();
  installCallbacks();
}

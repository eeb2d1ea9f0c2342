// The engine's entry: wires the façade to Rust and hands back what Rust needs of it.

import * as bson from '../bson/index.js';
import { EJSON } from '../ejson.js';
import { Collection } from '../driver/collection.js';
import { AbstractCursor, AggregationCursor, CommandCursor, FindCursor, unconsumedAggregations } from '../driver/cursor.js';
import { Admin, Db } from '../driver/db.js';
import { ClientSession, MongoClient } from '../driver/client.js';
import { BulkWriteResult } from '../driver/bulk.js';
import * as errors from '../driver/errors.js';
import { ownFrames, pendingOperations, useOps } from '../driver/operation.js';
import { inspect } from '../inspect.js';
import { entryPoints, offersNothing } from './entry.js';
import { installGlobals } from './globals.js';
import { builtins, exposeModule, requireFrom, requirePath } from './modules.js';

const ReadPreference = Object.freeze({
  PRIMARY: 'primary', PRIMARY_PREFERRED: 'primaryPreferred', SECONDARY: 'secondary',
  SECONDARY_PREFERRED: 'secondaryPreferred', NEAREST: 'nearest',
});
const ReturnDocument = Object.freeze({ BEFORE: 'before', AFTER: 'after' });

const { BSONType, BSONValue, bsonType, ...types } = bson;
const bsonModule = { ...types, BSONType, BSONValue, bsonType, EJSON };
const { fromReport, invalid, notOffered, ...errorClasses } = errors;
const mongodbModule = {
  ...types, BSONType, EJSON, BSON: bsonModule, ObjectID: bson.ObjectId, ...errorClasses, Collection, AbstractCursor, AggregationCursor,
  FindCursor, ListCollectionsCursor: CommandCursor, ListIndexesCursor: CommandCursor, Admin, Db, ClientSession, MongoClient,
  BulkWriteResult, ReadPreference, ReturnDocument,
};

/** Wires everything; `settings.database` is the migrated database's name. */
export function install(ops, settings) {
  useOps(ops);
  installGlobals(ops);
  const whimbrelModule = {
    log: (level, message, fields) => ops.print(
      ['debug', 'info', 'warn', 'error'].includes(level) ? level : 'info',
      fields === undefined ? String(message) : `${message} ${inspect(fields, { breakLength: Infinity })}`,
    ),
    progress: (done, total) => ops.print('info', total === undefined ? `${done}` : `${done} of ${total}`),
  };
  builtins.set('mongodb', mongodbModule);
  builtins.set('bson', bsonModule);
  builtins.set('whimbrel', whimbrelModule);

  const client = new MongoClient({ own: settings.database });
  const installed = {
    types,
    BSONError: bson.BSONError,
    client,
    db: client.db(),
    builtin: specifier => builtins.get(specifier.replace(/^node:/, '')),
    exposeModule: path => exposeModule(ops, path),
    requirePath: path => requirePath(ops, path),
    requireFrom: path => requireFrom(ops, path),
    pendingOperations,
    unconsumedAggregations,
    describeError,
    entryPoints,
    offersNothing,
    wellFormed: text => text.toWellFormed(),
    bufferPrototype: Uint8Array.prototype,
  };
  // Generated module text (of built-in, JSON and CommonJS modules) reaches the engine through this.
  Object.defineProperty(globalThis, '__whimbrel', { value: installed });
  return installed;
}

/** What Rust records of a thrown value. */
function describeError(thrown) {
  if (!(thrown instanceof Error)) {
    return { name: '', message: typeof thrown === 'string' ? thrown : inspect(thrown), stack: '', thrown: true };
  }
  const { code, codeName } = thrown;
  return {
    name: thrown.name,
    message: typeof thrown.fieldPath === 'string' ? `${thrown.message} (at field ${thrown.fieldPath})` : thrown.message,
    code: typeof code === 'number' || typeof code === 'string' ? code : undefined,
    codeName: typeof codeName === 'string' ? codeName : undefined,
    labels: Array.isArray(thrown.errorLabels) ? thrown.errorLabels : [],
    stack: ownFrames(String(thrown.stack ?? '')),
    cause: thrown.cause instanceof Error ? `${thrown.cause.name}: ${thrown.cause.message}` : undefined,
  };
}

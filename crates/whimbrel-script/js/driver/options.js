// Options: what an operation inherits from its collection, database and client.
//
// A *scope* is what these three hand down: where commands go, the concerns, the read preference, how values are
// converted. `resolve` puts a call's own options on top of it.

import { ReadConcern, WriteConcern } from './values/concerns.js';
import { ReadPreference } from './values/read_preference.js';

/** The conversion options as they are when nobody says otherwise. */
export const BSON_DEFAULTS = Object.freeze({
  raw: false, useBigInt64: false, promoteLongs: true, promoteValues: true, promoteBuffers: false, ignoreUndefined: false,
  bsonRegExp: false, serializeFunctions: false, fieldsAsRaw: Object.freeze({}), enableUtf8Validation: true,
});

/** The conversion options of `options` over those of a parent. */
export function bsonOptions(parent, options) {
  const resolved = {};
  for (const name of Object.keys(BSON_DEFAULTS)) resolved[name] = options?.[name] ?? parent[name];
  return resolved;
}

// One bit per option, as Rust takes them.
const FLAGS = [
  [1, options => options.ignoreUndefined], [2, options => options.serializeFunctions], [4, options => options.promoteLongs === false],
  [8, options => options.promoteValues === false], [16, options => options.useBigInt64], [32, options => options.promoteBuffers],
  [64, options => options.bsonRegExp], [128, options => options.raw], [256, options => options.checkKeys],
  [512, options => options.enableUtf8Validation === false],
];

/** Conversion options as the number that Rust takes. */
export function flagsOf(options) {
  return FLAGS.reduce((flags, [bit, isOn]) => (isOn(options) ? flags | bit : flags), 0);
}

// Of replies that are only looked at by the façade itself, nothing but what goes in is converted differently.
const WRITE_FLAGS = 1 | 2 | 256;

/** As `flagsOf`, for an operation whose reply is not the script's. */
export function writeFlagsOf(options) {
  return flagsOf(options) & WRITE_FLAGS;
}

/**
 * A scope for what belongs to `parent`. The concerns and so on are those of `options` where it has them.
 */
export function childScope(parent, options, own) {
  return {
    ...parent,
    bson: bsonOptions(parent.bson, options),
    readConcern: ReadConcern.fromOptions(options) ?? parent.readConcern,
    writeConcern: WriteConcern.fromOptions(options) ?? parent.writeConcern,
    readPreference: ReadPreference.fromOptions(options) ?? parent.readPreference,
    timeoutMS: options?.timeoutMS ?? parent.timeoutMS,
    pkFactory: options?.pkFactory ?? parent.pkFactory,
    forceServerObjectId: options?.forceServerObjectId ?? parent.forceServerObjectId,
    ...own,
  };
}

/** The options of one operation with everything it inherits. A transaction has concerns of its own. */
export function resolve(scope, given) {
  const options = { ...given, ...bsonOptions(scope.bson, given) };
  const isInTransaction = given?.session?.inTransaction() ?? false;
  const writeConcern = WriteConcern.fromOptions(given);
  options.readConcern = isInTransaction ? undefined : ReadConcern.fromOptions(given) ?? scope.readConcern;
  options.writeConcern = isInTransaction ? undefined : writeConcern ?? scope.writeConcern;
  options.isUnacknowledged = (isInTransaction ? writeConcern : options.writeConcern)?.w === 0;
  options.readPreference = ReadPreference.fromOptions(given) ?? (isInTransaction ? undefined : scope.readPreference);
  options.timeoutMS = given?.timeoutMS ?? scope.timeoutMS;
  return options;
}

/** Write concern in a command, in the server's spelling. */
export function writeConcernField(options) {
  return options.writeConcern ? WriteConcern.apply({}, options.writeConcern) : {};
}

/** The scope of an operation that may be sent to another database by the option `dbName`. */
export function inDatabase(scope, options) {
  return options?.dbName ? { ...scope, database: options.dbName } : scope;
}

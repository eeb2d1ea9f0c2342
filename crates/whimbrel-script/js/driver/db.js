// `Db`: commands on a database, and the way to its collections.

import { Admin } from './admin.js';
import { Collection } from './collection.js';
import { refuseExplain, send, tail } from './command.js';
import { createEncrypted, dropEncrypted } from './encrypted_fields.js';
import { AggregationCursor } from './cursor/aggregation.js';
import { ListCollectionsCursor, RunCommandCursor } from './cursor/lists.js';
import { MongoRuntimeError, MongoUnexpectedServerResponseError, invalid, notOffered } from './errors.js';
import { childScope, inDatabase, resolve, writeConcernField } from './options.js';
import { INSPECT, SCOPE, hide } from './symbols.js';
import { ProfilingLevel } from './values/enums.js';
import { MongoDBNamespace } from './values/namespace.js';

/** Options of `createCollection` that are for the driver. All others go to the server, known or not. */
const NOT_FOR_CREATE = new Set(['w', 'wtimeout', 'timeoutMS', 'j', 'fsync', 'pkFactory', 'raw', 'readPreference', 'session', 'readConcern',
  'writeConcern', 'fieldsAsRaw', 'useBigInt64', 'promoteLongs', 'promoteValues', 'promoteBuffers', 'bsonRegExp', 'serializeFunctions',
  'ignoreUndefined', 'enableUtf8Validation', 'isUnacknowledged']);
const LEVELS = ['off', 'slow_only', 'all'];

export class Db {
  static SYSTEM_NAMESPACE_COLLECTION = 'system.namespaces';
  static SYSTEM_INDEX_COLLECTION = 'system.indexes';
  static SYSTEM_PROFILE_COLLECTION = 'system.profile';
  static SYSTEM_USER_COLLECTION = 'system.users';
  static SYSTEM_COMMAND_COLLECTION = '$cmd';
  static SYSTEM_JS_COLLECTION = 'system.js';

  constructor(client, databaseName, options) {
    if (typeof databaseName === 'string' && databaseName.includes('.')) {
      throw invalid("Database names cannot contain the character '.'");
    }
    const scope = childScope(client[SCOPE], options, {
      client, database: String(databaseName), databaseName, namespace: new MongoDBNamespace(databaseName),
      timeoutMS: client[SCOPE].timeoutMS,
    });
    hide(this, { client, [SCOPE]: scope, options_: options });
  }

  get databaseName() { return this[SCOPE].databaseName; }
  get namespace() { return this[SCOPE].namespace.toString(); }
  get options() { return this.options_; }
  get secondaryOk() { return this[SCOPE].readPreference?.preference !== 'primary' || false; }
  get readConcern() { return this[SCOPE].readConcern; }
  get readPreference() { return this[SCOPE].readPreference; }
  get writeConcern() { return this[SCOPE].writeConcern; }
  get bsonOptions() { return this[SCOPE].bson; }
  get timeoutMS() { return this[SCOPE].client.timeoutMS; }
  [INSPECT]() { return `Db { ${this.databaseName} }`; }

  collection(name, options) {
    if (typeof options === 'function') throw invalid('The callback form of this helper has been removed.');
    return new Collection(this, name, options);
  }

  admin() { return new Admin(this); }

  async command(command, options) {
    const own = { ...command };
    // A command of the script's own reads from the primary unless the call says otherwise.
    const resolved = { ...resolve({ ...this[SCOPE], readPreference: undefined }, options), isUnacknowledged: false };
    return send(this[SCOPE], own, resolved, { kind: 'raw', label: `command ${Object.keys(own)[0]}` });
  }

  runCursorCommand(command, options) { return new RunCommandCursor(this, command, options); }

  aggregate(pipeline = [], options = {}) { return new AggregationCursor(this[SCOPE], pipeline, resolve(this[SCOPE], options)); }

  // --- collections

  listCollections(filter = {}, options = {}) {
    return new ListCollectionsCursor(this, filter, resolve(this[SCOPE], options));
  }

  async collections(options) {
    const infos = await this.listCollections({}, { ...options, nameOnly: true }).toArray();
    return infos.filter(({ name }) => !name.includes('$')).map(({ name }) => new Collection(this, name, this.options_));
  }

  async createCollection(name, given) {
    refuseExplain(given);
    const options = resolve(this[SCOPE], given);
    if (options.encryptedFields) return createEncrypted(this, name, options);
    return this.createPlain(name, options);
  }

  /** Creates exactly one collection, from resolved options. */
  async createPlain(name, options) {
    const command = { create: name };
    for (const [key, value] of Object.entries(options)) {
      if (value != null && typeof value !== 'function' && !NOT_FOR_CREATE.has(key)) command[key] = value;
    }
    Object.assign(command, writeConcernField(options));
    await send(inDatabase(this[SCOPE], options), command, options, { kind: 'write-plain', label: `createCollection ${name}` });
    return new Collection(this, name, options);
  }

  async dropCollection(name, given) {
    refuseExplain(given);
    const options = resolve(this[SCOPE], given);
    if (options.encryptedFields) await dropEncrypted(this, name, options);
    return this.dropPlain(name, options);
  }

  /** Drops exactly one collection, from resolved options. */
  async dropPlain(name, options) {
    const command = { drop: name, ...writeConcernField(options), ...tail(options) };
    await send(inDatabase(this[SCOPE], options), command, options, { kind: 'write-plain', label: `drop ${name}` });
    return true;
  }

  async renameCollection(from, to, given) {
    refuseExplain(given);
    const target = to ? `${this.databaseName}.${to}` : this.databaseName;
    const scope = { ...this[SCOPE], database: 'admin', writeConcern: undefined };
    const options = resolve(scope, given);
    const command = { renameCollection: `${this.databaseName}.${from}`, to: target,
      dropTarget: typeof options.dropTarget === 'boolean' ? options.dropTarget : false, ...writeConcernField(options),
      ...tail(options) };
    await send(scope, command, options, { kind: 'write-plain', label: `rename ${from} to ${to}` });
    return new Collection(this, to, given?.options_);
  }

  // --- the database itself

  async dropDatabase(given) {
    refuseExplain(given);
    const options = resolve(this[SCOPE], given);
    const command = { dropDatabase: 1, ...writeConcernField(options), ...tail(options) };
    await send(inDatabase(this[SCOPE], options), command, options, { kind: 'write-plain', label: 'dropDatabase' });
    return true;
  }

  async stats(given) {
    const options = resolve(this[SCOPE], given);
    const command = { dbStats: true };
    if (options.scale != null) command.scale = options.scale;
    return send(inDatabase(this[SCOPE], options), { ...command, ...tail(options) }, options, { kind: 'read', label: 'dbStats' });
  }

  async createIndex(name, spec, options) { return this.collection(name).createIndex(spec, options); }
  async indexInformation(name, options) { return this.collection(name).indexInformation(options); }

  async removeUser(username, given) {
    refuseExplain(given);
    const options = resolve(this[SCOPE], given);
    const command = { dropUser: username, ...writeConcernField(options), ...tail(options) };
    await send(inDatabase(this[SCOPE], options), command, options, { kind: 'write-plain', label: 'removeUser' });
    return true;
  }

  async setProfilingLevel(level, given) {
    if (!LEVELS.includes(level)) {
      throw invalid(`Profiling level must be one of "${Object.values(ProfilingLevel).join(', ')}"`);
    }
    const options = resolve(this[SCOPE], given);
    const command = { profile: LEVELS.indexOf(level), ...tail(options) };
    await send(inDatabase(this[SCOPE], options), command, options, { kind: 'write-plain', label: 'setProfilingLevel' });
    return level;
  }

  async profilingLevel(given) {
    const options = resolve(this[SCOPE], given);
    const sent = { profile: -1, ...tail(options) };
    const { ok, was } = await send(inDatabase(this[SCOPE], options), sent, options, { kind: 'read', label: 'profilingLevel' });
    if (Number(ok) !== 1) throw new MongoRuntimeError('Error with profile command');
    const level = LEVELS[was];
    if (level === undefined) throw new MongoUnexpectedServerResponseError(`Illegal profiling level value ${was}`);
    return level;
  }

  watch() { throw notOffered('db.watch()', 'a change stream has no place in work that ends; read what is there with find()'); }
}


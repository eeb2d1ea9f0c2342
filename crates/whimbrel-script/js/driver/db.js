// `Db` and `Admin`.

import { Collection } from './collection.js';
import { AggregationCursor, CommandCursor } from './cursor.js';
import { invalid, notOffered } from './errors.js';
import { perform, pick } from './operation.js';

const CREATE_OPTIONS = ['capped', 'autoIndexId', 'size', 'max', 'storageEngine', 'validator', 'validationLevel', 'validationAction',
  'indexOptionDefaults', 'viewOn', 'pipeline', 'collation', 'timeseries', 'clusteredIndex', 'expireAfterSeconds',
  'changeStreamPreAndPostImages', 'comment', 'maxTimeMS', 'writeConcern'];

export class Db {
  constructor(client, name) {
    if (typeof name !== 'string') throw invalid('Database name must be a string');
    if (name === '') throw invalid('Database name cannot be the empty string');
    if (/[ .$/\\\0]/.test(name) && name !== '$external') throw invalid(`database names cannot contain the character '${name.match(/[ .$/\\\0]/)[0]}'`);
    Object.defineProperty(this, 'client', { value: client });
    Object.defineProperty(this, 'databaseName', { value: name, enumerable: true });
  }

  get namespace() { return this.databaseName; }
  get secondaryOk() { return false; }
  get options() { return undefined; }
  get readConcern() { return undefined; }
  get writeConcern() { return undefined; }
  get readPreference() { return undefined; }
  [Symbol.for('nodejs.util.inspect.custom')]() { return `Db { ${this.databaseName} }`; }

  namespaceOf(collection) { return { db: this.databaseName, collection }; }

  /** The handle in Rust of the session in `options`, or null. */
  sessionOf(options) {
    const session = options?.session;
    if (session === undefined || session === null) return null;
    return session.handleFor(this.client);
  }

  /** Sends a command. `kind`: `read`, `write` (retryable), `write-plain` or `raw`. */
  runCommand(command, options, kind, label, check) {
    return perform(label, ops => ops.command(this.databaseName, command, kind, this.sessionOf(options)), check);
  }

  collection(name, options = {}) { return new Collection(this, name, options); }

  async command(command, options = {}) {
    const name = command instanceof Map ? command.keys().next().value : Object.keys(command ?? {})[0];
    return this.runCommand(command, options, 'raw', `command ${name}`);
  }

  runCursorCommand(command, options = {}) {
    return new CommandCursor(this, '$cmd', `command ${Object.keys(command)[0]}`, command, options);
  }

  aggregate(pipeline = [], options = {}) { return new AggregationCursor(this, 1, pipeline, options); }

  admin() { return new Admin(this); }

  listCollections(filter = {}, given = {}) {
    const options = given ?? {};
    const command = { listCollections: 1, filter, nameOnly: options.nameOnly === true,
      ...pick(options, ['authorizedCollections', 'comment', 'maxTimeMS']) };
    return new CommandCursor(this, '$cmd.listCollections', 'listCollections', command, options);
  }

  async collections(options = {}) {
    const infos = await this.listCollections({}, { ...options, nameOnly: true }).toArray();
    return infos.filter(({ name }) => !name.includes('$')).map(({ name }) => this.collection(name));
  }

  async createCollection(name, options = {}) {
    const collection = this.collection(name, options);
    await this.runCommand({ create: name, ...pick(options, CREATE_OPTIONS) }, options, 'write-plain', `createCollection ${name}`);
    return collection;
  }

  async dropCollection(name, options = {}) {
    await this.runCommand({ drop: name, ...pick(options, ['comment', 'maxTimeMS', 'writeConcern']) }, options, 'write-plain', `drop ${name}`);
    return true;
  }

  async renameCollection(from, to, options = {}) {
    const target = this.collection(to);
    const command = { renameCollection: `${this.databaseName}.${from}`, to: `${this.databaseName}.${to}`,
      dropTarget: options.dropTarget === true, ...pick(options, ['comment', 'writeConcern']) };
    await this.client.db('admin').runCommand(command, options, 'write-plain', `rename ${from} to ${to}`);
    return target;
  }

  async dropDatabase(options = {}) {
    await this.runCommand({ dropDatabase: 1 }, options, 'write-plain', 'dropDatabase');
    return true;
  }

  async stats(options = {}) {
    return this.runCommand({ dbStats: 1, ...pick(options, ['scale']) }, options, 'read', 'dbStats');
  }

  async createIndex(name, spec, options = {}) { return this.collection(name).createIndex(spec, options); }
  async indexInformation(name, options = {}) { return this.collection(name).indexInformation(options); }

  async removeUser(username, options = {}) {
    await this.runCommand({ dropUser: username }, options, 'write-plain', 'removeUser');
    return true;
  }

  async profilingLevel(options = {}) {
    const { was } = await this.runCommand({ profile: -1 }, options, 'read', 'profilingLevel');
    return ['off', 'slow_only', 'all'][was];
  }

  watch() { throw notOffered('db.watch()', 'a change stream has no place in work that ends'); }
}

export class Admin {
  constructor(db) {
    Object.defineProperty(this, 'db', { value: db });
    Object.defineProperty(this, 'admin', { value: db.client.db('admin') });
  }

  async command(command, options = {}) { return this.admin.command(command, options); }
  async buildInfo(options) { return this.command({ buildinfo: 1 }, options); }
  async serverInfo(options) { return this.command({ buildinfo: 1 }, options); }
  async serverStatus(options) { return this.command({ serverStatus: 1 }, options); }
  async ping(options) { return this.command({ ping: 1 }, options); }
  async replSetGetStatus(options) { return this.command({ replSetGetStatus: 1 }, options); }
  async listDatabases(options = {}) {
    return this.command({ listDatabases: 1, ...pick(options, ['filter', 'nameOnly', 'authorizedDatabases']) }, options);
  }
  async removeUser(username, options = {}) { return this.admin.removeUser(username, options); }
  async validateCollection(name, options = {}) { return this.db.command({ validate: name, ...options }); }
}

// `MongoClient`: the run's own connection, as a script sees it.
//
// `connect` and `close` are accepted and do nothing; a connection of the script's own is not offered.

import { ObjectId } from '../bson/index.js';
import { clientBulkWrite } from './client_bulk_write.js';
import { Db } from './db.js';
import { TypedEventEmitter } from './emitter.js';
import { invalid, notOffered } from './errors.js';
import { BSON_DEFAULTS } from './options.js';
import { ClientSession } from './session.js';
import { ASYNC_DISPOSE, INSPECT, SCOPE, hide } from './symbols.js';
import { ReadConcern, WriteConcern } from './values/concerns.js';
import { ReadPreference } from './values/read_preference.js';

const noConnection = () => notOffered('a connection of its own (new MongoClient)', 'use the `client` that the migration is given: '
  + '`export async function up(db, client)`, and `client.db(name)` for other databases');

/** Set while the engine makes its own client. */
let settingsOfRun = null;

const pkFactory = { createPk: () => new ObjectId() };

export class MongoClient extends TypedEventEmitter {
  constructor() {
    super();
    if (settingsOfRun === null) throw noConnection();
    const { database, connection = {} } = settingsOfRun;
    const options = {
      dbName: database, enableUtf8Validation: true, forceServerObjectId: false, monitorCommands: false, pkFactory, raw: false,
      readPreference: ReadPreference.fromOptions(connection) ?? ReadPreference.primary, retryReads: true, retryWrites: true,
    };
    const readConcern = ReadConcern.fromOptions(connection);
    const writeConcern = WriteConcern.fromOptions(connection);
    if (readConcern) options.readConcern = readConcern;
    if (writeConcern) options.writeConcern = writeConcern;
    // Concerns of the connection are added in Rust; inherited from here they would be sent twice.
    const scope = {
      client: this, bson: { ...BSON_DEFAULTS }, readConcern: undefined, writeConcern: undefined, readPreference: options.readPreference,
      timeoutMS: undefined, pkFactory, forceServerObjectId: false,
    };
    hide(this, { options: Object.freeze(options), [SCOPE]: scope });
  }

  static async connect() { throw noConnection(); }

  get readConcern() { return this.options.readConcern; }
  get writeConcern() { return this.options.writeConcern; }
  get readPreference() { return this.options.readPreference; }
  get bsonOptions() { return this[SCOPE].bson; }
  get timeoutMS() { return this[SCOPE].timeoutMS; }
  get serverApi() { return undefined; }
  [INSPECT]() { return 'MongoClient {}'; }

  db(name, options) {
    const { enableUtf8Validation, forceServerObjectId, raw, readPreference, retryWrites } = this.options;
    const shown = { enableUtf8Validation, forceServerObjectId, pkFactory, raw, readPreference, retryWrites, ...options };
    return new Db(this, name || this.options.dbName, shown);
  }

  async connect() { return this; }
  async close() {}
  async [ASYNC_DISPOSE]() { await this.close(); }
  appendMetadata() {}

  startSession(options) { return new ClientSession(this, options); }

  async withSession(optionsOrExecutor, executor) {
    const run = typeof optionsOrExecutor === 'function' ? optionsOrExecutor : executor;
    if (run == null) throw invalid('Missing required callback parameter');
    const session = this.startSession(typeof optionsOrExecutor === 'function' ? {} : optionsOrExecutor);
    try {
      return await run(session);
    } finally {
      await session.endSession();
    }
  }

  async bulkWrite(models, options) { return clientBulkWrite(this, models, options); }

  watch() { throw notOffered('client.watch()', 'a change stream has no place in work that ends; read what is there with find()'); }
}

/** The client of a run. `settings.database` is the migrated database's name. */
export function makeClient(settings) {
  settingsOfRun = settings;
  try {
    return new MongoClient();
  } finally {
    settingsOfRun = null;
  }
}

// `Admin`: commands on the deployment.

import { refuseExplain, send, tail } from './command.js';
import { inDatabase, resolve } from './options.js';
import { SCOPE, hide } from './symbols.js';

export class Admin {
  constructor(db) {
    hide(this, { db_: db });
  }

  /** Sends a command of the script's own to the database `admin`. */
  async command(command, options) {
    const scope = { ...this.db_[SCOPE], database: 'admin' };
    return send(scope, { ...command }, this.#resolved(options), { kind: 'raw', label: `command ${Object.keys({ ...command })[0]}` });
  }

  // Nothing is inherited here but how values are converted.
  #resolved(options) {
    return resolve({ ...this.db_[SCOPE], readConcern: undefined, writeConcern: undefined, readPreference: undefined }, options);
  }

  async buildInfo(options) { return this.command({ buildinfo: 1 }, options); }
  async serverInfo(options) { return this.command({ buildinfo: 1 }, options); }
  async serverStatus(options) { return this.command({ serverStatus: 1 }, options); }
  async ping(options) { return this.command({ ping: 1 }, options); }
  async replSetGetStatus(options) { return this.command({ replSetGetStatus: 1 }, options); }

  async removeUser(username, options) {
    return this.db_.client.db('admin').removeUser(username, options);
  }

  async listDatabases(given) {
    refuseExplain(given);
    const options = this.#resolved(given);
    const command = { listDatabases: 1 };
    if (typeof options.nameOnly === 'boolean') command.nameOnly = options.nameOnly;
    if (options.filter) command.filter = options.filter;
    if (typeof options.authorizedDatabases === 'boolean') command.authorizedDatabases = options.authorizedDatabases;
    if (options.comment !== undefined) command.comment = options.comment;
    const scope = { ...this.db_[SCOPE], database: 'admin' };
    return send(scope, { ...command, ...tail(options) }, options, { kind: 'read', label: 'listDatabases' });
  }

  async validateCollection(name, given) {
    const command = { validate: name };
    for (const [key, value] of Object.entries(given ?? {})) if (key !== 'session') command[key] = value;
    return send(inDatabase(this.db_[SCOPE], given), command, this.#resolved(given), { kind: 'read', label: `validate ${name}` });
  }
}

'use strict';
// The transaction of a migration, in a session of the application's client: the engine begins it, writes its own last
// commands in it, and commits.

const { describe } = require('./describe.cjs');
const { Unusable } = require('./unusable.cjs');

class Transaction {
  constructor(client, EJSON) {
    Object.assign(this, { client, EJSON });
    this.session = undefined;
    this.doomed = undefined;
    this.queue = Promise.resolve();
  }

  /** Begins it and gives the session's id as Extended JSON. */
  begin(writeConcern) {
    if (!this.EJSON) {
      throw new Unusable('the driver of the client is bundled, so Whimbrel cannot write in its transactions', 'leave mongodb out of the bundle, or set `export const transaction = false`');
    }
    this.session = this.client.startSession();
    const options = { readConcern: { level: 'local' }, readPreference: 'primary' };
    if (writeConcern) options.writeConcern = writeConcern;
    this.session.startTransaction(options);
    return this.EJSON.stringify(this.session.id, { relaxed: false });
  }

  async command(database, text) {
    if (this.doomed) throw this.doomed;
    const command = this.EJSON.parse(text, { relaxed: false });
    const { $clusterTime: _, operationTime: __, ...reply } = await this.client.db(database).command(command, { session: this.session });
    return this.EJSON.stringify(reply, { relaxed: false });
  }

  async commit() {
    try {
      await this.session.commitTransaction();
    } catch (error) {
      // It may be committed all the same, and is asked for again.
      if (!describe(error).labels.includes('UnknownTransactionCommitResult')) await this.end();
      throw error;
    }
    await this.end();
  }

  async abort() {
    if (this.session?.inTransaction()) await this.session.abortTransaction().catch(() => {});
    await this.end();
  }

  async end() {
    const { session } = this;
    this.session = undefined;
    await session?.endSession().catch(() => {});
  }
}

module.exports = { Transaction };

// `MongoClient` and `ClientSession`.
//
// A migration's client is the run's own connection: `connect` and `close` are accepted and do nothing.
// A transaction begins with the first operation that carries its session, so one whose operations carry
// none sends nothing at all.

import { Db } from './db.js';
import { MongoAPIError, MongoExpiredSessionError, MongoTransactionError, invalid, notOffered } from './errors.js';
import { ops, perform } from './operation.js';

/** How long `withTransaction` tries again, in milliseconds, as the driver does. */
const RETRY_FOR = 120_000;

export class MongoClient {
  #databaseName;

  constructor(databaseName) {
    if (new.target === MongoClient && typeof databaseName !== 'object') {
      throw notOffered('new MongoClient()', 'use the `client` that the migration is given');
    }
    this.#databaseName = databaseName.own;
  }

  db(name) { return new Db(this, name ?? this.#databaseName); }
  async connect() { return this; }
  async close() {}
  get options() { return {}; }
  [Symbol.for('nodejs.util.inspect.custom')]() { return 'MongoClient {}'; }

  startSession(options = {}) { return new ClientSession(this, options); }

  async withSession(options, executor) {
    const run = typeof options === 'function' ? options : executor;
    const session = this.startSession(typeof options === 'function' ? {} : options);
    try {
      return await run(session);
    } finally {
      await session.endSession();
    }
  }

  watch() { throw notOffered('client.watch()', 'a change stream has no place in work that ends'); }
  bulkWrite() { throw notOffered('client.bulkWrite()', 'use collection.bulkWrite()'); }
}

const NONE = 'NO_TRANSACTION';
const STARTING = 'STARTING_TRANSACTION';
const IN_PROGRESS = 'TRANSACTION_IN_PROGRESS';
const COMMITTED = 'TRANSACTION_COMMITTED';
const ABORTED = 'TRANSACTION_ABORTED';

export class ClientSession {
  #handle = null;
  #state = NONE;
  /** The last transaction was committed without ever sending anything. */
  #empty = false;
  #options;

  constructor(client, options) {
    Object.defineProperty(this, 'client', { value: client });
    this.#options = options;
    this.hasEnded = false;
    this.transaction = { options: {}, get state() { return this.session.#state; }, session: this };
    Object.defineProperty(this.transaction, 'session', { enumerable: false });
  }

  #open() {
    if (this.hasEnded) throw new MongoExpiredSessionError('Use of expired sessions is not permitted');
    if (this.#handle === null) this.#handle = ops.sessionStart();
    return this.#handle;
  }

  /** The handle in Rust, for an operation that carries this session. */
  handleFor(client) {
    if (client !== this.client) throw invalid('ClientSession must be from the same MongoClient');
    const handle = this.#open();
    if (this.#state === STARTING) this.#state = IN_PROGRESS;
    else if (this.#state === COMMITTED || this.#state === ABORTED) this.#state = NONE;
    return handle;
  }

  get snapshotEnabled() { return this.#options.snapshot === true; }
  inTransaction() { return this.#state === STARTING || this.#state === IN_PROGRESS; }
  equals(other) { return other === this; }

  startTransaction(options = {}) {
    if (this.inTransaction()) throw new MongoTransactionError('Transaction already in progress');
    const own = { ...this.#options.defaultTransactionOptions, ...options };
    this.transaction.options = own;
    ops.sessionBegin(this.#open(), own);
    this.#state = STARTING;
  }

  async commitTransaction() {
    if (this.#state === NONE) throw new MongoTransactionError('No transaction started');
    if (this.#state === ABORTED) throw new MongoTransactionError('Cannot call commitTransaction after calling abortTransaction');
    if (this.#empty && this.#state === COMMITTED) return;
    this.#empty = this.#state === STARTING;
    this.#state = COMMITTED;
    await perform('commitTransaction', native => native.sessionCommit(this.#handle));
  }

  async abortTransaction() {
    if (this.#state === NONE) throw new MongoTransactionError('No transaction started');
    if (this.#state === ABORTED) throw new MongoTransactionError('Cannot call abortTransaction twice');
    if (this.#state === COMMITTED) throw new MongoTransactionError('Cannot call abortTransaction after calling commitTransaction');
    this.#state = ABORTED;
    await perform('abortTransaction', native => native.sessionAbort(this.#handle)).catch(error => {
      // The server aborts by itself; the driver does not report this either.
      if (!(error instanceof MongoAPIError)) return;
      throw error;
    });
  }

  async withTransaction(body, options = {}) {
    const started = Date.now();
    const patience = () => Date.now() - started < RETRY_FOR;
    for (;;) {
      this.startTransaction(options);
      let result;
      try {
        const promise = body(this);
        if (typeof promise?.then !== 'function') throw invalid('Function provided to `withTransaction` must return a Promise');
        result = await promise;
      } catch (error) {
        if (this.inTransaction()) await this.abortTransaction();
        if (hasLabel(error, 'TransientTransactionError') && patience()) continue;
        throw error;
      }
      if (!this.inTransaction()) return result;
      if (await this.#commitWithRetry(patience)) return result;
    }
  }

  /** `true` once committed, `false` when the whole transaction must be tried again. */
  async #commitWithRetry(patience) {
    for (;;) {
      try {
        await this.commitTransaction();
        return true;
      } catch (error) {
        if (!patience()) throw error;
        if (hasLabel(error, 'UnknownTransactionCommitResult') && error.code !== 50) continue;
        if (hasLabel(error, 'TransientTransactionError')) return false;
        throw error;
      }
    }
  }

  async endSession() {
    if (this.hasEnded) return;
    if (this.inTransaction()) await this.abortTransaction();
    this.hasEnded = true;
    if (this.#handle !== null) await perform('endSession', native => native.sessionEnd(this.#handle));
  }

  async [Symbol.asyncDispose]() { await this.endSession(); }
}

function hasLabel(error, label) {
  return typeof error?.hasErrorLabel === 'function' && error.hasErrorLabel(label);
}

// `ClientSession`, and its transaction.
//
// A transaction begins with the first operation that carries its session, so one whose operations carry none sends
// nothing at all: Rust is told of it only then. States, messages and the rules of trying again are the driver's.

import { Binary, UUID } from '../bson/binary.js';
import { sameBytes } from '../bson/bytes.js';
import { TypedEventEmitter } from './emitter.js';
import {
  MongoAPIError, MongoCompatibilityError, MongoError, MongoExpiredSessionError, MongoOperationTimeoutError, MongoRuntimeError,
  MongoTransactionError, invalid,
} from './errors.js';
import { ops, perform } from './operation.js';
import { fromReport } from './report.js';
import { ASYNC_DISPOSE, INSPECT, SCOPE, hide } from './symbols.js';
import { ReadConcern, WriteConcern } from './values/concerns.js';
import { ReadPreference } from './values/read_preference.js';

/** How long `withTransaction` tries again, in milliseconds, as the driver does. */
const RETRY_FOR = 120_000;
/** Pauses between its attempts: at most the first, growing, never above the last. */
const PAUSE = { first: 5, growth: 1.5, longest: 500 };
const MAX_TIME_MS_EXPIRED = 50;

export const TxnState = Object.freeze({
  NO_TRANSACTION: 'NO_TRANSACTION', STARTING_TRANSACTION: 'STARTING_TRANSACTION', TRANSACTION_IN_PROGRESS: 'TRANSACTION_IN_PROGRESS',
  TRANSACTION_COMMITTED: 'TRANSACTION_COMMITTED', TRANSACTION_COMMITTED_EMPTY: 'TRANSACTION_COMMITTED_EMPTY',
  TRANSACTION_ABORTED: 'TRANSACTION_ABORTED',
});
const NONE = TxnState.NO_TRANSACTION;
const STARTING = TxnState.STARTING_TRANSACTION;
const IN_PROGRESS = TxnState.TRANSACTION_IN_PROGRESS;
const COMMITTED = TxnState.TRANSACTION_COMMITTED;
const COMMITTED_EMPTY = TxnState.TRANSACTION_COMMITTED_EMPTY;
const ABORTED = TxnState.TRANSACTION_ABORTED;

/** What is known of a session's transaction. */
class Transaction {
  constructor(options = {}) {
    this.state = NONE;
    this.options = {};
    const writeConcern = WriteConcern.fromOptions(options);
    if (writeConcern) {
      if (writeConcern.w === 0) throw new MongoTransactionError('Transactions do not support unacknowledged write concern');
      this.options.writeConcern = writeConcern;
    }
    if (options.readConcern) this.options.readConcern = ReadConcern.fromOptions(options);
    if (options.readPreference) this.options.readPreference = ReadPreference.fromOptions(options);
    if (options.maxCommitTimeMS) this.options.maxTimeMS = options.maxCommitTimeMS;
  }

  get recoveryToken() { return undefined; }
  get isPinned() { return false; }
  get isStarting() { return this.state === STARTING; }
  get isActive() { return this.state === STARTING || this.state === IN_PROGRESS; }
  get isCommitted() { return this.state === COMMITTED || this.state === COMMITTED_EMPTY || this.state === ABORTED; }
}

/** The server's side of a session, as far as it is known here. */
export class ServerSession {
  constructor(id, txnNumber, isDirty) {
    this.id = id;
    this.lastUse = 0;
    this.txnNumber = txnNumber;
    this.isDirty = isDirty;
  }

  hasTimedOut() { return false; }
}

export class ClientSession extends TypedEventEmitter {
  #handle = null;
  #options;
  #info = {};
  #advanced = {};
  #snapshotTime;
  /** The transaction was begun in Rust. */
  #hasBegun = false;
  #txnNumber = 0;

  constructor(client, options) {
    super();
    const given = options ?? {};
    if (given.snapshot === true && given.causalConsistency === true) {
      throw invalid('Properties "causalConsistency" and "snapshot" are mutually exclusive');
    }
    hide(this, { client, clientOptions: client.options, transaction: new Transaction() });
    this.#options = given;
    this.hasEnded = false;
    this.explicit = true;
    this.snapshotEnabled = given.snapshot === true;
    this.supports = { causalConsistency: given.snapshot !== true && given.causalConsistency !== false };
    this.defaultTransactionOptions = { ...given.defaultTransactionOptions };
    this.timeoutMS = given.defaultTimeoutMS ?? client[SCOPE].timeoutMS;
  }

  [INSPECT]() { return 'ClientSession {}'; }

  // --- what is known of it

  #open() {
    if (this.hasEnded) throw new MongoExpiredSessionError('Use of expired sessions is not permitted');
    // A snapshot session's reads say themselves which point in time they mean.
    this.#handle ??= ops.sessionStart({ causalConsistency: this.supports.causalConsistency });
    return this.#handle;
  }

  #know() {
    if (this.hasEnded) return this.#info;
    const handle = this.#open();
    let answer;
    try {
      answer = ops.sessionInfo(handle);
    } catch (report) {
      throw fromReport(report);
    }
    if (typeof answer?.then === 'function') answer.then(info => { this.#info = info; }, () => {});
    else this.#info = plainId(answer);
    return this.#info;
  }

  get id() { return this.#know().id; }
  get serverSession() { return new ServerSession(this.id, this.#txnNumber, false); }

  #later(name) {
    const known = this.#handle === null ? undefined : this.#know()[name];
    return this.#advanced[name] ?? known;
  }

  get clusterTime() { return this.#later('clusterTime'); }
  get operationTime() { return this.#later('operationTime'); }
  get loadBalanced() { return false; }
  get isPinned() { return false; }

  equals(other) {
    if (!(other instanceof ClientSession)) return false;
    if (other === this) return true;
    const [one, two] = [this.id?.id, other.id?.id];
    return one !== undefined && two !== undefined && sameBytes(one.buffer, two.buffer);
  }

  advanceOperationTime(operationTime) {
    const known = this.operationTime;
    if (known == null || operationTime.greaterThan(known)) this.#advanced.operationTime = operationTime;
  }

  advanceClusterTime(clusterTime) {
    if (clusterTime === null || typeof clusterTime !== 'object') throw invalid('input cluster time must be an object');
    if (clusterTime.clusterTime?._bsontype !== 'Timestamp') {
      throw invalid('input cluster time "clusterTime" property must be a valid BSON Timestamp');
    }
    const { signature } = clusterTime;
    const isKey = ['number', 'bigint'].includes(typeof signature?.keyId) || signature?.keyId?._bsontype === 'Long';
    if (signature?.hash?._bsontype !== 'Binary' || !isKey) {
      throw invalid('input cluster time must have a valid "signature" property with BSON Binary hash and BSON Long keyId');
    }
    const known = this.clusterTime;
    if (!known || clusterTime.clusterTime.greaterThan(known.clusterTime)) this.#advanced.clusterTime = clusterTime;
  }

  /** Numbers are given out in Rust; nothing to count here. */
  incrementTransactionNumber() {}

  toBSON() { throw new MongoRuntimeError('ClientSession cannot be serialized to BSON.'); }

  // --- for the operations that carry it

  /** The handle in Rust, for an operation that carries this session. */
  handleFor(client) {
    if (this.hasEnded) throw new MongoExpiredSessionError('Use of expired sessions is not permitted');
    if (client !== this.client) throw invalid('ClientSession must be from the same MongoClient');
    const handle = this.#open();
    const { transaction } = this;
    if (transaction.state === STARTING) {
      ops.sessionBegin(handle, this.#beginOptions());
      this.#hasBegun = true;
      transaction.state = IN_PROGRESS;
    } else if (!transaction.isActive) transaction.state = NONE;
    return handle;
  }

  #beginOptions() {
    const { writeConcern, readConcern, maxTimeMS } = this.transaction.options;
    const options = {};
    if (readConcern) options.readConcern = { level: readConcern.level };
    if (writeConcern) options.writeConcern = WriteConcern.apply({}, writeConcern).writeConcern;
    if (maxTimeMS !== undefined) options.maxCommitTimeMS = maxTimeMS;
    return options;
  }

  /** The read concern of every command in a snapshot session. */
  snapshotConcern() {
    if (!this.snapshotEnabled) return undefined;
    const readConcern = { level: 'snapshot' };
    if (this.#snapshotTime) readConcern.atClusterTime = this.#snapshotTime;
    return { readConcern };
  }

  noticeReply(reply) {
    if (this.snapshotEnabled) this.#snapshotTime ??= reply?.cursor?.atClusterTime ?? reply?.atClusterTime;
  }

  // --- the transaction

  inTransaction() { return this.transaction.isActive; }

  startTransaction(options) {
    if (this.snapshotEnabled) throw new MongoCompatibilityError('Transactions are not supported in snapshot sessions');
    if (this.inTransaction()) throw new MongoTransactionError('Transaction already in progress');
    const defaults = this.defaultTransactionOptions;
    const scope = this.client[SCOPE];
    const inherited = name => options?.[name] ?? defaults[name] ?? scope[name];
    this.#txnNumber += 1;
    this.#hasBegun = false;
    this.transaction = new Transaction({
      readConcern: inherited('readConcern'), writeConcern: inherited('writeConcern'), readPreference: inherited('readPreference'),
      maxCommitTimeMS: options?.maxCommitTimeMS ?? defaults.maxCommitTimeMS,
    });
    this.transaction.state = STARTING;
  }

  async commitTransaction() {
    const { transaction } = this;
    switch (transaction.state) {
      case NONE: throw new MongoTransactionError('No transaction started');
      case ABORTED: throw new MongoTransactionError('Cannot call commitTransaction after calling abortTransaction');
      // Nothing was sent, so there is nothing to commit.
      case STARTING:
      case COMMITTED_EMPTY:
        transaction.state = COMMITTED_EMPTY;
        return;
      default:
    }
    transaction.state = COMMITTED;
    await perform('commitTransaction', native => native.sessionCommit(this.#handle));
  }

  async abortTransaction() {
    const { transaction } = this;
    switch (transaction.state) {
      case NONE: throw new MongoTransactionError('No transaction started');
      case ABORTED: throw new MongoTransactionError('Cannot call abortTransaction twice');
      case COMMITTED:
      case COMMITTED_EMPTY: throw new MongoTransactionError('Cannot call abortTransaction after calling commitTransaction');
      default:
    }
    transaction.state = ABORTED;
    if (!this.#hasBegun) return;
    try {
      await perform('abortTransaction', native => native.sessionAbort(this.#handle));
    } catch (error) {
      // The server aborts by itself; the driver does not report this either.
      if (error instanceof MongoAPIError) throw error;
    }
  }

  async withTransaction(fn, options) {
    const limit = options?.timeoutMS ?? RETRY_FOR;
    const started = Date.now();
    // Another attempt is worth it while there is time.
    const isPatient = () => limit === 0 || Date.now() - started < limit;
    const over = error => (options?.timeoutMS > 0 && !isPatient()
      ? new MongoOperationTimeoutError('Timed out during withTransaction', { cause: error }) : error);
    for (let attempt = 0; ; attempt += 1) {
      if (attempt > 0) await pause(attempt);
      this.startTransaction(options);
      let result;
      try {
        const promise = fn(this);
        if (typeof promise?.then !== 'function') throw invalid('Function provided to `withTransaction` must return a Promise');
        result = await promise;
      } catch (error) {
        if (this.inTransaction()) await this.abortTransaction();
        if (hasLabel(error, 'TransientTransactionError') && isPatient()) continue;
        throw over(error);
      }
      // The function settled it by itself.
      if (!this.inTransaction()) return result;
      if (await this.#commitPatiently(isPatient, over)) return result;
    }
  }

  /** `true` once committed, `false` when the whole transaction must be tried again. */
  async #commitPatiently(isPatient, over) {
    for (;;) {
      try {
        await this.commitTransaction();
        return true;
      } catch (error) {
        if (!isPatient()) throw over(error);
        if (hasLabel(error, 'UnknownTransactionCommitResult') && !isTimeLimit(error)) continue;
        if (hasLabel(error, 'TransientTransactionError')) return false;
        throw error;
      }
    }
  }

  // --- the end

  async endSession() {
    if (this.hasEnded) return;
    if (this.inTransaction()) await this.abortTransaction();
    this.#remember();
    this.hasEnded = true;
    if (this.#handle !== null) await perform('endSession', native => native.sessionEnd(this.#handle));
    this.emit('ended', this);
  }

  /** The id stays known when the session is gone. */
  #remember() {
    if (this.#handle === null || this.#info.id !== undefined) return;
    try {
      this.#know();
    } catch {
      // A session that never came about has no id.
    }
  }

  async [ASYNC_DISPOSE]() { await this.endSession(); }
}

function hasLabel(error, label) {
  return error instanceof MongoError && error.hasErrorLabel(label);
}

function isTimeLimit(error) {
  return error.code === MAX_TIME_MS_EXPIRED || error.writeConcernError?.code === MAX_TIME_MS_EXPIRED;
}

function pause(attempt) {
  const longest = Math.min(PAUSE.first * PAUSE.growth ** (attempt - 1), PAUSE.longest);
  return new Promise(resolve => { setTimeout(resolve, Math.random() * longest); });
}

/** The id of a session as the driver has it: a Binary, not the UUID that such bytes are read as. */
function plainId(info) {
  const bytes = info.id?.id;
  return bytes instanceof UUID ? { ...info, id: { ...info.id, id: new Binary(bytes.buffer, 4) } } : info;
}

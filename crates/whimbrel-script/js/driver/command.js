// Sends one command, with the rules that all operations share.
//
// Checked before anything is sent: the session, the transaction's rules, an abort signal. Then `explain` wraps the
// command, an unacknowledged write is sent as an acknowledged one whose errors nobody hears of, and a time limit of the
// whole operation becomes the server's.

import { MongoAPIError, MongoOperationTimeoutError, MongoServerError, MongoTransactionError, invalid } from './errors.js';
import { perform } from './operation.js';
import { flagsOf } from './options.js';

const MAX_TIME_MS_EXPIRED = 50;
const ILLEGAL_OPERATION = 20;

/** The session's handle in Rust, or null; throws where the driver would refuse the session. */
export function sessionHandle(client, options) {
  const { session } = options;
  if (session === undefined || session === null) return null;
  const handle = session.handleFor(client);
  const mode = options.readPreference?.mode;
  if (!options.isWrite && session.inTransaction() && mode !== undefined && mode !== 'primary') {
    throw new MongoTransactionError(`Read preference in a transaction must be primary, not: ${mode}`);
  }
  if (options.isUnacknowledged && options.isWrite) {
    throw new MongoAPIError('Cannot have explicit session with unacknowledged writes');
  }
  return handle;
}

/** `explain` as the fields of an explain command; `undefined` when there is none. */
export function explainOf(explain) {
  if (explain === undefined || explain === null) return undefined;
  if (typeof explain === 'boolean') return { verbosity: explain ? 'allPlansExecution' : 'queryPlanner' };
  if (typeof explain === 'string') return { verbosity: explain };
  const { verbosity, maxTimeMS } = explain;
  return maxTimeMS === undefined ? { verbosity } : { verbosity, maxTimeMS };
}

/** The fields that most commands end with. `names` says which of them the command takes. */
export function tail(options, { reads = false, collates = true } = {}) {
  const fields = {};
  if (reads && options.readConcern) fields.readConcern = options.readConcern;
  if (collates && options.collation) fields.collation = options.collation;
  if (typeof options.maxTimeMS === 'number') fields.maxTimeMS = options.maxTimeMS;
  return fields;
}

export function refuseExplain(options) {
  if (options?.explain !== undefined && options.explain !== null) throw invalid('Option "explain" is not supported on this command');
}

/** Throws what a signal was aborted with. */
export function throwIfAborted(signal) {
  if (signal?.aborted) throw signal.reason;
}

/** Makes the errors of a whole operation of what the server said. */
export function mending(kind, options) {
  return error => {
    if (!(error instanceof MongoServerError)) return error;
    if (options.timeoutMS > 0 && error.code === MAX_TIME_MS_EXPIRED) {
      return new MongoOperationTimeoutError('Server reported a timeout error', { cause: error });
    }
    if (kind !== 'read' && kind !== 'raw' && error.code === ILLEGAL_OPERATION && !options.session?.inTransaction()) {
      const message = 'This MongoDB deployment does not support retryable writes. '
        + 'Please add retryWrites=false to your connection string.';
      return new MongoServerError({ message, errmsg: message, originalError: error });
    }
    return error;
  };
}

/** The command with the concern of a snapshot session, and with the time limit of the operation. */
export function dressed(command, options) {
  const dressing = { ...options.session?.snapshotConcern?.() };
  if (options.timeoutMS > 0 && command.maxTimeMS === undefined) dressing.maxTimeMS = Math.ceil(options.timeoutMS);
  return Object.keys(dressing).length === 0 ? command : { ...command, ...dressing };
}

/**
 * Sends a command and gives its reply. `kind`: `read`, `write` (may be sent twice), `write-plain`, or `raw` (the script's
 * own). `options` are resolved ones. `check` may throw what it finds in the reply; `takesExplain` says that the command
 * can be explained.
 */
export async function send(scope, command, options, { kind, label, check, flags = flagsOf(options), takesExplain = false }) {
  throwIfAborted(options.signal);
  const isWrite = kind === 'write' || kind === 'write-plain';
  const session = sessionHandle(scope.client, { ...options, isWrite });
  const explain = takesExplain ? explainOf(options.explain) : undefined;
  const { database } = scope;
  if (explain !== undefined) {
    return perform(label, ops => ops.command(database, { explain: command, ...explain }, 'read', session, flags));
  }
  if (isWrite && options.isUnacknowledged) return unacknowledged(scope, command, { kind, label, session, flags });
  const mend = mending(kind, options);
  const sent = dressed(command, options);
  const reply = await perform(label, ops => ops.command(database, sent, kind, session, flags), { check, mend });
  options.session?.noticeReply?.(reply);
  return reply;
}

/** The driver does not wait for the server here; waiting, and hearing nothing of errors, is what can be told from it least. */
async function unacknowledged(scope, command, { kind, label, session, flags }) {
  const sent = 'writeConcern' in command ? { ...command, writeConcern: { w: 1 } } : command;
  try {
    await perform(label, ops => ops.command(scope.database, sent, kind, session, flags));
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
  }
  return { ok: 1 };
}

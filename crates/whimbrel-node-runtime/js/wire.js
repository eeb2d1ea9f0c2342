'use strict';
// Every command that a driver in this process sends, whoever asked for it. While a migration runs, the gate is checked,
// the command carries the run's comment, Whimbrel hears what is sent and what came of it; a transaction's commands go
// one after another, its first error dooms it, and nothing slips past it. When no migration runs, what is sent may read
// and not write; and what an earlier migration left behind is never part of a transaction.

const { AsyncLocalStorage } = require('async_hooks');
const { send } = require('./channel.js');
const { describe } = require('./describe.js');
const watchdog = require('./watchdog.js');

/** Commands by which drivers keep their connections and sessions. */
const PLUMBING = new Set([
  'hello', 'isMaster', 'ismaster', 'saslStart', 'saslContinue', 'authenticate', 'getnonce', 'endSessions', 'killCursors', 'refreshSessions',
]);
/** Commands that take no comment, or whose comment is kept. */
const MARKED = new Set([
  'find', 'aggregate', 'insert', 'update', 'delete', 'findAndModify', 'count', 'distinct', 'createIndexes', 'dropIndexes', 'create', 'drop',
  'listIndexes', 'listCollections', 'dropDatabase', 'collMod', 'renameCollection', 'bulkWrite',
]);
/** Commands that Whimbrel writes down before they are sent. */
const ANNOUNCED = new Set([
  'createIndexes', 'dropIndexes', 'deleteIndexes', 'create', 'drop', 'dropDatabase', 'collMod', 'renameCollection', 'convertToCapped',
  'createUser', 'updateUser', 'dropUser', 'dropAllUsersFromDatabase', 'grantRolesToUser', 'createRole', 'updateRole', 'dropRole', 'shardCollection',
  'createSearchIndexes', 'updateSearchIndex', 'dropSearchIndex',
]);
/** Commands that change nothing. */
const READS = new Set([
  'find', 'aggregate', 'count', 'distinct', 'getMore', 'listCollections', 'listIndexes', 'listDatabases', 'ping', 'buildInfo', 'serverStatus', 'hostInfo',
  'connectionStatus', 'dbStats', 'collStats', 'dataSize', 'explain', 'getParameter', 'replSetGetStatus', 'whatsmyuri', 'dbHash', 'validate',
]);
/** Commands that write documents, and so should write those of the migrated database. */
const WRITES = new Set(['insert', 'update', 'delete', 'findAndModify', 'findandmodify', 'bulkWrite', 'createIndexes', 'create', 'drop', 'dropIndexes']);
/**
 * What an operation is: `owner`, the load of a migration it belongs to, `isLooking` if that is only looked at;
 * `internal`, Whimbrel's own; `raw`, a command in the script's own words; `ours`, on the client that the migration was given. Newer drivers keep the asynchronous
 * context on the way to the connection; older ones do not always, and pass unknown options on: so both have it.
 */
const owners = new AsyncLocalStorage();
const KIND = 'whimbrelKind';
/** How many notes are kept of what was sent when no migration ran. */
const MOST_NOTES = 5;
/** What of a command tells its shape. */
const KEPT = {
  find: ['filter'], aggregate: ['pipeline'], count: ['query'], distinct: ['query'], findAndModify: ['query'], findandmodify: ['query'],
  dropIndexes: ['index'], deleteIndexes: ['index'], renameCollection: ['to'], collMod: ['index', 'validator', 'validationLevel', 'validationAction', 'viewOn', 'pipeline', 'expireAfterSeconds'],
};
/** How many statements of a bulk write are looked at. */
const MOST_STATEMENTS = 20;
/** Where the commands of a bulk write stand. */
const STATEMENTS = { insert: 'documents', update: 'updates', delete: 'deletes', bulkWrite: 'ops' };
const COUNTED = new Set([...Object.keys(STATEMENTS), 'findAndModify', 'findandmodify']);

/** The run stopped it: nothing was sent. */
class WhimbrelStoppedError extends Error {
  get name() { return 'WhimbrelStoppedError'; }
}

const state = {
  /** The run under way: `{ comment, owner }`. */
  run: undefined,
  /** Whether the driver passes unknown options on to the connection. */
  passesOptions: false,
  /** What was sent, or refused, while files were loaded. */
  notes: undefined,
  /** Where the migrated database is: `{ client, database, addresses }`. */
  home: undefined,
  /** What was written elsewhere through connections of the project's own. */
  elsewhere: new Set(),
  /** The transaction under way: `{ session, doomed, queue, addresses }`. */
  transaction: undefined,
  inFlight: 0,
  sequence: 0,
};
const announced = new Map();
const patched = new WeakSet();
let bson;

const nameOf = command => Object.keys(command)[0];

const listOf = value => (Array.isArray(value) ? value : Array.isArray(value?.documents) ? value.documents : []);

/** A command without what tells nothing of its shape, as BSON, and how many statements it has. */
function summary(name, command) {
  const field = STATEMENTS[name];
  const short = { [name]: typeof command[name] === 'string' || typeof command[name] === 'number' ? command[name] : 1 };
  let statements;
  if (field) {
    const list = listOf(command[field]);
    statements = list.length;
    short[field] = name === 'update' || name === 'delete' ? list.slice(0, MOST_STATEMENTS).map(({ q }) => ({ q })) : [];
  }
  if (name === 'createIndexes') short.indexes = listOf(command.indexes).map(index => ({ name: index.name }));
  for (const key of KEPT[name] ?? []) {
    if (command[key] !== undefined) short[key] = command[key];
  }
  try {
    return { blob: bson.serialize(short), statements };
  } catch {
    // The driver will say what is wrong with the values.
    return { blob: bson.serialize({ [name]: short[name] }), statements };
  }
}

/** What of a reply is counted. */
function countsOf(reply) {
  const plain = typeof reply?.toObject === 'function' ? reply.toObject() : reply;
  const number = value => (value === undefined || value === null ? undefined : Number(value));
  const { n, nModified, nInserted, nUpserted, nMatched, nDeleted, nErrors, upserted, writeErrors, lastErrorObject } = plain ?? {};
  return {
    n: number(n), nModified: number(nModified), nInserted: number(nInserted), nUpserted: number(nUpserted), nMatched: number(nMatched), nDeleted: number(nDeleted),
    nErrors: number(nErrors), upserted: upserted?.length, writeErrors: writeErrors?.length, found: number(lastErrorObject?.n),
    firstError: writeErrors?.[0] && { code: writeErrors[0].code, message: writeErrors[0].errmsg },
  };
}

/** Whether an aggregation ends by writing a collection. */
const writesOut = command => {
  const last = listOf(command.pipeline).at(-1);
  return last !== null && typeof last === 'object' && ('$out' in last || '$merge' in last);
};

/** Whether the server may have seen the command: what the driver itself refuses dooms no transaction. */
const reachedServer = error => typeof error?.code === 'number' || /^Mongo(Server|Network|WriteConcern|BulkWrite|PoolCleared|OperationTimeout)/.test(error?.name ?? '');

function doom(error) {
  const { transaction } = state;
  if (!transaction || transaction.doomed) return;
  transaction.doomed = error;
  send({ type: 'doomed', error: describe(error) });
}

/** Sends one command through `pass`, a function that gives a promise. */
async function guarded(connection, database, name, command, options, ours, pass) {
  const { transaction } = state;
  const inTransaction = transaction !== undefined && options?.session === transaction.session;
  if (transaction && !inTransaction && transaction.addresses().includes(connection.address)) {
    const error = new Error(`${name} on ${command[name]} is not part of the migration's transaction: it was sent past the \`db\` that the migration was given`);
    error.code = 'OUTSIDE_TRANSACTION';
    doom(error);
    throw error;
  }
  // A stream of somebody else's client may go on for ever; nobody waits for that.
  if (!inTransaction) return sendOne(database, name, command, pass, name === 'getMore' && !ours);
  // One operation at a time: a session takes no two.
  const turn = transaction.queue;
  let release;
  transaction.queue = new Promise(resolve => { release = resolve; });
  await turn;
  // The driver believes that the first command has started it, even where it could not be sent.
  const isFirst = options.session.transaction?.state === 'STARTING_TRANSACTION';
  try {
    if (transaction.doomed) throw transaction.doomed;
    const reply = await sendOne(database, name, command, pass);
    if (COUNTED.has(name)) {
      const { firstError } = countsOf(reply);
      if (firstError) doom(Object.assign(new Error(firstError.message), { name: 'MongoServerError', code: firstError.code }));
    }
    return reply;
  } catch (error) {
    if (!(error instanceof WhimbrelStoppedError) && (isFirst || reachedServer(error))) doom(error);
    throw error;
  } finally {
    release();
  }
}

async function sendOne(database, name, command, pass, isUncounted = false) {
  const { run } = state;
  state.sequence += 1;
  const number = state.sequence;
  const announce = ANNOUNCED.has(name) || (name === 'aggregate' && writesOut(command));
  const { blob, statements } = summary(name, command);
  const heard = announce ? new Promise(resolve => announced.set(number, resolve)) : undefined;
  send({ type: 'sending', number, database, statements, announce }, blob);
  await heard;
  let open = watchdog.check();
  if (open === 'ask') {
    await watchdog.fresh();
    open = watchdog.check();
  }
  if (open !== 'open' || state.run !== run) {
    send({ type: 'withdrawn', number });
    throw new WhimbrelStoppedError('the run was stopped: nothing more is sent to the database');
  }
  if (!isUncounted) state.inFlight += 1;
  try {
    const reply = await pass();
    send({ type: 'sent', number, counts: COUNTED.has(name) ? countsOf(reply) : {} });
    return reply;
  } catch (error) {
    // Without an answer of the server nobody knows what became of it.
    const answered = typeof error?.code === 'number' || error?.name === 'MongoServerError';
    send({ type: 'sent', number, failed: answered, unknown: !answered });
    throw error;
  } finally {
    if (!isUncounted) state.inFlight -= 1;
  }
}

const labelOf = (name, command) => (typeof command[name] === 'string' ? `${name} on ${command[name]}` : name);

/** A command that belongs to no migration that runs; gives why it is not sent. */
function outside(name, command, options) {
  const isRead = READS.has(name) && !(name === 'aggregate' && writesOut(command));
  const isOurSession = state.transaction !== undefined && options?.session === state.transaction.session;
  const allowed = isRead && !isOurSession;
  if (name !== 'getMore' && name !== 'ping') note({ what: labelOf(name, command), refused: !allowed, inTransaction: state.run !== undefined });
  if (allowed) return undefined;
  const why = state.run ? 'an earlier migration left it behind' : 'no migration runs';
  return Object.assign(new Error(`${labelOf(name, command)} was not sent: ${why}`), { code: 'OUTSIDE_MIGRATION' });
}

const noted = new Set();

/** While files are loaded, notes go with the reply; otherwise they are told at once. Each is told once. */
function note(its) {
  if (state.notes) {
    if (state.notes.length < MOST_NOTES) state.notes.push(its);
    return;
  }
  const key = JSON.stringify(its);
  if (noted.has(key) || noted.size >= MOST_NOTES) return;
  noted.add(key);
  send({ type: 'note', ...its });
}

/**
 * Whether an operation is one of the migration that runs. What a package does for it may come from a context that an
 * earlier migration made, such as a queue's timer; so that alone is no reason to refuse, but in a transaction.
 */
function isCurrent(kind = owners.getStore()) {
  if (state.run === undefined) return false;
  const { owner, isLooking } = kind ?? {};
  return state.transaction === undefined || owner === undefined || isLooking === true || owner === state.run.owner;
}

/** Notes a write through a connection of the project's own that does not reach the migrated database. */
function noteElsewhere(connection, database, name, command) {
  const { home } = state;
  if (!home || !WRITES.has(name)) return;
  if (database === home.database && home.addresses().includes(connection.address)) return;
  if (state.elsewhere.size < MOST_NOTES) state.elsewhere.add(`${database}${typeof command[name] === 'string' ? `.${command[name]}` : ''} on ${connection.address}`);
}

/** Puts the guard into one copy of a driver. */
function patch(Connection) {
  if (patched.has(Connection)) return;
  patched.add(Connection);
  const original = Connection.prototype.command;
  // Older drivers take a callback at the end; newer ones a class there.
  const takesCallback = original.constructor.name !== 'AsyncFunction';
  state.passesOptions ||= takesCallback;
  Connection.prototype.command = function (namespace, command, options, ...rest) {
    // The server says what is wrong with it.
    if (command === null || typeof command !== 'object') return original.call(this, namespace, command, options, ...rest);
    const name = nameOf(command);
    const isOurEnd = name === 'commitTransaction' && state.transaction !== undefined && options?.session === state.transaction.session;
    const kind = options?.[KIND] ?? owners.getStore();
    const { internal, ours, raw } = kind ?? {};
    if (PLUMBING.has(name) || name === 'abortTransaction' || isOurEnd || internal) return original.call(this, namespace, command, options, ...rest);
    if (!isCurrent(kind)) {
      const refused = outside(name, command, options);
      if (!refused) return original.call(this, namespace, command, options, ...rest);
      if (!takesCallback) return Promise.reject(refused);
      process.nextTick(rest.at(-1), refused);
      return undefined;
    }
    if (!ours) noteElsewhere(this, namespace.db, name, command);
    const marked = MARKED.has(name) && command.comment === undefined && !raw ? { ...command, comment: state.run.comment } : command;
    const callback = takesCallback && typeof rest.at(-1) === 'function' ? rest.at(-1) : undefined;
    if (!callback) {
      return guarded(this, namespace.db, name, command, options, ours, () => original.call(this, namespace, marked, options, ...rest));
    }
    const pass = () => new Promise((resolve, reject) => {
      const answer = (error, reply) => (error ? reject(error) : resolve(reply));
      original.call(this, namespace, marked, options, ...rest.slice(0, -1), answer);
    });
    guarded(this, namespace.db, name, command, options, ours, pass).then(
      reply => process.nextTick(callback, undefined, reply),
      error => process.nextTick(callback, error),
    );
    return undefined;
  };
}

/** Sees to a module that was loaded, if it is a driver's connection. */
function noticeLoaded(request, exported) {
  if (!/[\\/]connection(\.js)?$/.test(request)) return;
  const { Connection, CryptoConnection } = exported ?? {};
  if (typeof CryptoConnection === 'function' && typeof Connection?.prototype?.command === 'function') patch(Connection);
}

module.exports = {
  KIND,
  WhimbrelStoppedError,
  isCurrent,
  noticeLoaded,
  owners,
  patch,
  state,
  writesOut,
  useBson: its => { bson = its; },
  wasAnnounced: number => {
    announced.get(number)?.();
    announced.delete(number);
  },
};

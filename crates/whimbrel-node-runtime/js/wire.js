'use strict';
// Every command that a driver in this process sends while a migration runs, whoever asked for it: the gate is
// checked, the command carries the run's comment, Whimbrel hears what is sent and what came of it. A transaction's
// commands go one after another, its first error dooms it, and nothing slips past it.

const path = require('path');
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
  /** The run under way: `{ comment }`. */
  run: undefined,
  /** Loading modules: what is sent then is only noted. */
  early: undefined,
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

const writesOut = command => {
  const last = listOf(command.pipeline).at(-1);
  return last !== null && typeof last === 'object' && ('$out' in last || '$merge' in last);
};

function doom(error) {
  const { transaction } = state;
  if (!transaction || transaction.doomed) return;
  transaction.doomed = error;
  send({ type: 'doomed', error: describe(error) });
}

/** Sends one command through `pass`, a function that gives a promise. */
async function guarded(connection, database, name, command, options, pass) {
  const { transaction } = state;
  const inTransaction = transaction !== undefined && options?.session === transaction.session;
  if (transaction && !inTransaction && transaction.addresses().includes(connection.address)) {
    const error = new Error(`${name} on ${command[name]} is not part of the migration's transaction: it was sent past the \`db\` that the migration was given`);
    error.code = 'OUTSIDE_TRANSACTION';
    doom(error);
    throw error;
  }
  if (!inTransaction) return sendOne(database, name, command, pass);
  // One operation at a time: a session takes no two.
  const turn = transaction.queue;
  let release;
  transaction.queue = new Promise(resolve => { release = resolve; });
  await turn;
  try {
    if (transaction.doomed) throw transaction.doomed;
    const reply = await sendOne(database, name, command, pass);
    if (COUNTED.has(name)) {
      const { firstError } = countsOf(reply);
      if (firstError) doom(Object.assign(new Error(firstError.message), { name: 'MongoServerError', code: firstError.code }));
    }
    return reply;
  } catch (error) {
    if (!(error instanceof WhimbrelStoppedError)) doom(error);
    throw error;
  } finally {
    release();
  }
}

async function sendOne(database, name, command, pass) {
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
  state.inFlight += 1;
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
    state.inFlight -= 1;
  }
}

function note(name, command) {
  if (state.early.length < 5) state.early.push(typeof command[name] === 'string' ? `${name} on ${command[name]}` : name);
}

/** Puts the guard into one copy of a driver. */
function patch(Connection) {
  if (patched.has(Connection)) return;
  patched.add(Connection);
  const original = Connection.prototype.command;
  // Older drivers take a callback at the end; newer ones a class there.
  const takesCallback = original.constructor.name !== 'AsyncFunction';
  Connection.prototype.command = function (namespace, command, options, ...rest) {
    // The server says what is wrong with it.
    if (command === null || typeof command !== 'object') return original.call(this, namespace, command, options, ...rest);
    const name = nameOf(command);
    const isOurEnd = name === 'commitTransaction' && state.transaction !== undefined && options?.session === state.transaction.session;
    if (PLUMBING.has(name) || name === 'abortTransaction' || isOurEnd) return original.call(this, namespace, command, options, ...rest);
    if (!state.run) {
      if (state.early) note(name, command);
      return original.call(this, namespace, command, options, ...rest);
    }
    const marked = MARKED.has(name) && command.comment === undefined && !options?.whimbrelOwn ? { ...command, comment: state.run.comment } : command;
    const callback = takesCallback && typeof rest.at(-1) === 'function' ? rest.at(-1) : undefined;
    if (!callback) {
      return guarded(this, namespace.db, name, command, options, () => original.call(this, namespace, marked, options, ...rest));
    }
    const pass = () => new Promise((resolve, reject) => {
      const answer = (error, reply) => (error ? reject(error) : resolve(reply));
      original.call(this, namespace, marked, options, ...rest.slice(0, -1), answer);
    });
    guarded(this, namespace.db, name, command, options, pass).then(
      reply => process.nextTick(callback, undefined, reply),
      error => process.nextTick(callback, error),
    );
    return undefined;
  };
}

/** Finds copies of the driver that were loaded meanwhile. */
function patchLoaded() {
  const end = path.join('mongodb', 'lib', 'cmap', 'connection.js');
  const { _cache: cache } = require('module');
  for (const [file, module] of Object.entries(cache)) {
    if (file.endsWith(end) && module.exports?.Connection?.prototype?.command) patch(module.exports.Connection);
  }
}

module.exports = {
  WhimbrelStoppedError,
  patch,
  patchLoaded,
  state,
  useBson: its => { bson = its; },
  wasAnnounced: number => {
    announced.get(number)?.();
    announced.delete(number);
  },
};

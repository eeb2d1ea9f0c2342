'use strict';
// mongoose, where the project has it: models are compiled anew for every migration, and in a transaction they take
// part through mongoose's AsyncLocalStorage.

const { fileOf, framesOf, isOwn, placeOf } = require('./modules.js');

/** The oldest version that passes a session on through AsyncLocalStorage. */
const OLDEST_FOR_TRANSACTIONS = [8, 4];

/** The project's mongoose if it was loaded. */
function loaded(located) {
  const { _cache: cache } = require('module');
  const file = located?.mongoose?.file;
  return file && file in cache ? cache[file].exports : undefined;
}

const known = new Set();
/** Models that were defined and did not make their collection and indexes. */
const postponed = new WeakSet();

/** Every copy of mongoose that was loaded. */
const copies = () => [...known];


/** Models by connection that files of the project define: these are loaded afresh, and define them again. */
const byProject = new Map();

const isMongoose = line => /[\\/]node_modules[\\/]mongoose[\\/]/.test(line);

function isByProject() {
  const caller = framesOf(new Error().stack).find(line => !isMongoose(line)) ?? '';
  return isOwn(fileOf(placeOf(caller)));
}

/** Notes what a function that defines a model defines; `connectionOf` says where. */
function noteDefinitions(holder, method, connectionOf) {
  const original = holder[method];
  if (typeof original !== 'function') return;
  holder[method] = function (...args) {
    const connection = connectionOf(this);
    const [name, schema] = args;
    if (schema && typeof name === 'string' && connection && isByProject()) {
      if (!byProject.has(connection)) byProject.set(connection, new Set());
      byProject.get(connection).add(name);
    }
    return original.apply(this, args);
  };
}

/** Sees to a module that was loaded, if it is mongoose. */
function noticeLoaded(request, exported) {
  if (request !== 'mongoose' && !request.endsWith('/mongoose/index.js')) return;
  const { Model } = exported ?? {};
  if (typeof Model?.init !== 'function' || known.has(exported)) return;
  known.add(exported);
  noteDefinitions(exported, 'model', () => exported.connection);
  noteDefinitions(exported.Connection?.prototype ?? {}, 'model', connection => connection);
  noteDefinitions(Model, 'discriminator', model => model.db);
  // A model that is defined makes its collection and indexes, which a migration does when it says so.
  const { init } = Model;
  Model.init = function (...args) {
    const [caller = ''] = framesOf(new Error().stack);
    if (isMongoose(caller)) {
      this.$init = Promise.resolve(this);
      postponed.add(this);
      return this.$init;
    }
    if (postponed.delete(this)) this.$init = undefined;
    return init.apply(this, args);
  };
}

/** Forgets the models of the migration before: its modules are loaded afresh and define them again. */
function forgetModels() {
  for (const [connection, names] of byProject) {
    const defined = new Set(connection.modelNames?.() ?? []);
    for (const name of names) if (defined.has(name)) connection.deleteModel(name);
  }
  byProject.clear();
}

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_FOR_TRANSACTIONS;
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

/** Why the models of a migration could not be in its transaction; undefined if they can be. */
function whyNoTransaction(located, isOurs) {
  const mongoose = loaded(located);
  if (copies().every(copy => copy.connections.every(connection => (connection.modelNames?.() ?? []).length === 0))) return undefined;
  const version = located.mongoose?.version ?? 'unknown';
  if (!mongoose || !isNewEnough(version)) {
    return {
      message: `mongoose ${version} cannot put the operations of models into the migration's transaction`,
      hint: 'use mongoose 8.4 or newer, or `export const transaction = false`',
    };
  }
  if (!isOurs) {
    return {
      message: 'the migration runs in a transaction and has mongoose models, and their connection is not the one the transaction is on',
      hint: 'set `mongoose = true` in the table [node] of whimbrel.toml, so that Whimbrel connects mongoose; or `export const transaction = false`',
    };
  }
  return undefined;
}

/** Calls `body` so that the operations of models join the session. */
function joined(located, session, body) {
  const mongoose = loaded(located);
  const storage = mongoose?.transactionAsyncLocalStorage;
  return storage ? storage.run({ session }, body) : body();
}

/** Before models are made: lets them look for a session. */
function prepare(located) {
  const mongoose = loaded(located);
  if (mongoose && isNewEnough(located.mongoose.version)) mongoose.set('transactionAsyncLocalStorage', true);
}

async function disconnect() {
  for (const mongoose of copies()) await mongoose.disconnect?.().catch(() => {});
}

/** Why models wait for a connection, and what to do; undefined where none does. */
function whyNotConnected() {
  const waiting = copies().flatMap(({ connections }) => connections).filter(connection => connection.readyState !== 1 && (connection.modelNames?.() ?? []).length > 0);
  const connecting = waiting.find(connection => connection.readyState === 2);
  if (connecting) return `mongoose is still connecting to ${connecting.host ?? 'a server'}${connecting.port ? `:${connecting.port}` : ''}, which the project's code chose: can it be reached?`;
  return waiting.length === 0 ? undefined : 'mongoose is not connected: set `mongoose = true` in the table [node] of whimbrel.toml, and Whimbrel connects it';
}

module.exports = { disconnect, forgetModels, joined, loaded, noticeLoaded, prepare, whyNoTransaction, whyNotConnected };

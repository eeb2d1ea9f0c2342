'use strict';
// The application's client: where it connects to, for the engine's own connections, and which driver it is of.

const Module = require('node:module');
const path = require('node:path');
const { WhimbrelError } = require('../errors.cjs');

const failure = (code, message, ...hints) => new WhimbrelError(message, { code, hints });

/** The way out where a client cannot be used. */
const INSTEAD = 'give `uri` as well: Whimbrel plans, locks and records over a connection of its own, and migrations still use your client';

/** Options of a client that a connection string can say as well. */
const OF_STRINGS = ['replicaSet', 'tls', 'tlsCAFile', 'tlsCertificateKeyFile', 'tlsCertificateKeyFilePassword', 'tlsAllowInvalidCertificates', 'tlsAllowInvalidHostnames', 'directConnection', 'loadBalanced', 'compressors'];
/** Options that say who connects or how, and that no connection string has. */
const NOT_OF_STRINGS = ['autoEncryption', 'secureContext', 'ca', 'cert', 'key', 'pfx'];

/** Whether something is a client of the official driver, of whichever version and copy. */
const isClient = value => typeof value?.db === 'function' && typeof value.startSession === 'function' && typeof value.s?.url === 'string';

/** Whether something is a connection of mongoose, or mongoose itself, whose first connection is meant. */
function connectionOf(value) {
  const connection = typeof value?.getClient !== 'function' && typeof value?.connection?.getClient === 'function' ? value.connection : value;
  return typeof connection?.getClient === 'function' && typeof connection.readyState === 'number' ? connection : undefined;
}

/** The application's client and database: `{ client, database, mongoose }`. */
async function resolve({ client, connection }) {
  if (client !== undefined) {
    if (!isClient(client)) throw failure('CLIENT_INVALID', '`client` is no MongoClient of the package mongodb', 'a connection of mongoose is given as `connection`; without either, Whimbrel connects by `uri`');
    return { client, database: undefined, mongoose: undefined };
  }
  const its = connectionOf(connection);
  if (!its) throw failure('CLIENT_INVALID', '`connection` is no connection of mongoose', 'give mongoose.connection, or what mongoose.createConnection gave');
  if (its.readyState === 2) await its.asPromise();
  if (its.readyState !== 1) throw failure('CLIENT_CLOSED', 'mongoose is not connected', 'await mongoose.connect(…) before the migrator is used');
  return { client: its.getClient(), database: its.db?.databaseName ?? its.name, mongoose: its.base };
}

/** Whether a connection string names a database: the driver makes `test` of none, without a word. */
const databaseIn = uri => /^mongodb(?:\+srv)?:\/\/(?:[^@]*@)?[^/?]+\/([^?]+)/.exec(uri)?.[1];

/** A connection string for what a client connects to, with what its options say. Never shown. */
function uriOf(client) {
  const { url } = client.s;
  const options = client.options ?? {};
  const unusable = NOT_OF_STRINGS.find(name => options[name] !== undefined && options[name] !== null);
  if (unusable) throw failure('CLIENT_UNSUPPORTED', `the client connects with the option \`${unusable}\`, which no connection string can say`, INSTEAD);
  const [, scheme, credentials, hosts, query] = /^(mongodb(?:\+srv)?:\/\/)(?:(.*)@)?([^?]*)(?:\?(.*))?$/s.exec(url) ?? [];
  if (scheme === undefined) throw failure('CLIENT_UNSUPPORTED', 'the client has no connection string', INSTEAD);
  const pairs = new Map((query ?? '').split('&').filter(Boolean).map(pair => [pair.split('=')[0].toLowerCase(), pair]));
  const say = (name, value) => {
    if (!pairs.has(name.toLowerCase())) pairs.set(name.toLowerCase(), `${name}=${encodeURIComponent(value)}`);
  };
  const { username, password, source, mechanism } = options.credentials ?? {};
  let who = credentials;
  if (who === undefined && username) {
    if (mechanism && !/^(DEFAULT|SCRAM-SHA-(1|256)|PLAIN)$/.test(mechanism)) throw failure('CLIENT_UNSUPPORTED', `the client authenticates by ${mechanism}, set in its options`, INSTEAD);
    who = `${encodeURIComponent(username)}:${encodeURIComponent(password ?? '')}`;
    if (source) say('authSource', source);
    if (mechanism && mechanism !== 'DEFAULT') say('authMechanism', mechanism);
  }
  const isSrv = scheme.startsWith('mongodb+srv');
  for (const name of OF_STRINGS) {
    const value = options[name];
    // What the records of a mongodb+srv name say is the driver's to read again.
    if (value === undefined || value === null || value === false || (isSrv && (name === 'replicaSet' || name === 'tls'))) continue;
    say(name, Array.isArray(value) ? value.filter(one => one !== 'none').join(',') : String(value));
  }
  if (pairs.get('compressors') === 'compressors=') pairs.delete('compressors');
  const place = pairs.size > 0 && !hosts.includes('/') ? `${hosts}/` : hosts;
  return `${scheme}${who === undefined ? '' : `${who}@`}${place}${pairs.size > 0 ? `?${[...pairs.values()].join('&')}` : ''}`;
}

/** The module that a client is of: `{ exports, version, EJSON }`; undefined where it was bundled. */
function driverOf(client) {
  for (const module of Object.values(Module._cache)) {
    if (!/[\\/]lib[\\/]index\.js$/.test(module.filename ?? '')) continue;
    const { exports } = module;
    if (!Object.hasOwn(exports ?? {}, 'MongoClient') || exports.MongoClient !== client.constructor) continue;
    const require = Module.createRequire(module.filename);
    const { version } = require(path.join(path.dirname(module.filename), '..', 'package.json'));
    return { exports, version, EJSON: (exports.BSON ?? require('bson')).EJSON };
  }
  return undefined;
}

/** Asks the server over a client, so that one that cannot be used is told before anything else is. */
async function assertUsable(client, database) {
  try {
    await client.db(database).command({ ping: 1 });
  } catch (cause) {
    if (client.closed === true || /^Mongo(ClientClosed|NotConnected|TopologyClosed|ExpiredSession)Error$/.test(cause?.name)) {
      throw new WhimbrelError('the client that the migrator was given is closed', { code: 'CLIENT_CLOSED', cause, hints: ['give it one that is open, and close that after migrator.close()'] });
    }
    throw new WhimbrelError(`the client that the migrator was given cannot reach the database: ${cause?.message}`, { code: 'DATABASE', cause, exitCode: 5 });
  }
}

module.exports = { assertUsable, databaseIn, driverOf, resolve, uriOf };

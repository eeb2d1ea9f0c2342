'use strict';
// The application's client: where it connects to, for the engine's own connections, and which driver it is of.

const Module = require('node:module');
const path = require('node:path');
const { WhimbrelError } = require('../errors.cjs');

const failure = (code, message, ...hints) => new WhimbrelError(message, { code, hints });

/** The way out where a client cannot be used. */
const INSTEAD = 'give `uri` as well: Whimbrel plans, locks and records over a connection of its own, and migrations still use your client';

/** Options of a client that a connection string says by the same name. */
const SAME = ['replicaSet', 'tls', 'tlsCAFile', 'tlsCertificateKeyFile', 'tlsCertificateKeyFilePassword', 'directConnection', 'loadBalanced', 'compressors', 'proxyHost', 'proxyPort', 'proxyUsername', 'proxyPassword'];
/** Options that say who connects or how, and that no connection string has; the driver fills some from files that were named. */
const UNSAID = { autoEncryption: undefined, secureContext: undefined, pfx: undefined, serverApi: undefined, ca: 'tlsCAFile', cert: 'tlsCertificateKeyFile', key: 'tlsCertificateKeyFile' };

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
  if (its.readyState === 2) {
    await its.asPromise().catch(cause => {
      throw new WhimbrelError('mongoose cannot connect', { code: 'DATABASE', cause, exitCode: 5 });
    });
  }
  if (its.readyState !== 1) throw failure('CLIENT_CLOSED', 'mongoose is not connected', 'await mongoose.connect(…) before the migrator is used');
  return { client: its.getClient(), database: its.db?.databaseName ?? its.name, mongoose: its.base };
}

/** The parts of a connection string; credentials end at the last @ before the path. */
function partsOf(uri) {
  const [, scheme, credentials, hosts, database, query] = /^(mongodb(?:\+srv)?:\/\/)(?:([^/?]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(uri) ?? [];
  return { scheme, credentials, hosts, database, query };
}

/** The database that a connection string names: the driver makes `test` of none, without a word. */
function databaseIn(uri) {
  const { database } = partsOf(uri);
  return database ? decodeURIComponent(database) : undefined;
}

/** A connection string for what a client connects to, with what its options say. Never shown. */
function uriOf(client) {
  const options = client.options ?? {};
  const has = name => options[name] !== undefined && options[name] !== null;
  const { scheme, credentials, hosts, database, query } = partsOf(client.s.url);
  if (scheme === undefined) throw failure('CLIENT_UNSUPPORTED', 'the client has no connection string', INSTEAD);
  const pairs = new Map((query ?? '').split('&').filter(Boolean).map(pair => [pair.split('=')[0].toLowerCase(), pair]));
  const unsaid = Object.entries(UNSAID).find(([name, file]) => has(name) && !(file && (typeof options[file] === 'string' || pairs.has(file.toLowerCase()))));
  if (unsaid) throw failure('CLIENT_UNSUPPORTED', `the client connects with the option \`${unsaid[0]}\`, which no connection string can say`, INSTEAD);
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
  for (const name of SAME) {
    const value = options[name];
    // What the records of a mongodb+srv name say is the driver's to read again.
    if (!has(name) || value === false || (isSrv && (name === 'replicaSet' || name === 'tls'))) continue;
    const text = Array.isArray(value) ? value.filter(one => one !== 'none').join(',') : String(value);
    if (text !== '') say(name, text);
  }
  // The driver keeps these under names of the runtime's.
  if (options.rejectUnauthorized === false) say('tlsAllowInvalidCertificates', 'true');
  if (has('checkServerIdentity')) say('tlsAllowInvalidHostnames', 'true');
  if (has('passphrase')) say('tlsCertificateKeyFilePassword', options.passphrase);
  const asked = pairs.size > 0 ? `?${[...pairs.values()].join('&')}` : '';
  const place = database === undefined && asked === '' ? '' : `/${database ?? ''}`;
  return `${scheme}${who === undefined ? '' : `${who}@`}${hosts}${place}${asked}`;
}

/** Whether a class is another, or made of it. */
function isMadeOf(Class, Base) {
  for (let its = Class; typeof its === 'function'; its = Object.getPrototypeOf(its)) if (its === Base) return true;
  return false;
}

/** The module that a client is of: `{ file, exports, version, EJSON }`; undefined where it was bundled. */
function driverOf(client) {
  for (const module of Object.values(Module._cache)) {
    const file = module.filename ?? '';
    if (!/[\\/]lib[\\/]index\.js$/.test(file)) continue;
    const { exports } = module;
    if (!Object.hasOwn(exports ?? {}, 'MongoClient') || !isMadeOf(client.constructor, exports.MongoClient)) continue;
    const require = Module.createRequire(file);
    const { version } = require(path.join(path.dirname(file), '..', 'package.json'));
    return { file, exports, version, EJSON: (exports.BSON ?? require('bson')).EJSON };
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
    throw new WhimbrelError('the client that the migrator was given cannot reach the database', { code: 'DATABASE', cause, exitCode: 5 });
  }
}

module.exports = { assertUsable, databaseIn, driverOf, resolve, uriOf };

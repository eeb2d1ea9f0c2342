// Runs Whimbrel's façade and the official driver side by side, against one real server.
//
// The façade reaches the database through a handful of operations that Rust implements. Here the official driver
// implements them (`transport.mjs`'s part is in this file: `makeOps`), so that the same call can be made on both sides
// within one process, and everything that can be observed is compared: the value or the error, whether it was
// thrown or rejected, the commands that went over the wire, and what is in the database afterwards.
//
// Each side has a database of its own; the names have one length, and become `DB` before anything is compared. Ids that are
// made on the way become their order of appearance.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after } from 'node:test';
import { inspect } from 'node:util';
import { Int32, deserialize, serialize } from 'bson';
import * as official from 'mongodb';
import { useFacade } from '../../crates/whimbrel-script/js/driver/index.js';
import { makeOps } from './facade-ops.mjs';

const SECANTUS = 'secantus-0.5.3-beta.196';

/** Where the server is: the same places as `cargo xtask tools` looks in. */
function serverProgram() {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const places = [...folders, join(cache, 'whimbrel', 'tools', SECANTUS, 'bin')];
  const found = places.map(folder => join(folder, 'secantusd-rs')).find(existsSync);
  assert.ok(found, 'secantusd-rs was not found: run `cargo xtask tools`');
  return found;
}

/** Starts a server of this process's own; it ends with the tests. */
async function startServer() {
  const folder = mkdtempSync(join(tmpdir(), 'whimbrel-facade-'));
  const args = ['--port', '0', '--storage-path', join(folder, 'db'), '--log-file-max', '16MB'];
  const server = spawn(serverProgram(), args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const stop = () => {
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', stop);
  let text = '';
  const address = await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', code => reject(new Error(`the server ended with ${code}: ${text}`)));
    server.stdout.on('data', chunk => {
      text += chunk;
      const found = text.match(/listening on (\S+)/);
      if (found) resolve(found[1]);
    });
  });
  return { uri: `mongodb://${address}/?directConnection=true`, stop };
}

// ---- making things comparable

const GENERATED = new Set(['lsid', '$db', '$clusterTime', 'txnNumber', 'startTransaction', 'autocommit', '$readPreference', 'operationTime', 'electionId', 'opTime']);
const VOLATILE = new Set(['$clusterTime', 'operationTime', 'electionId', 'opTime', 'localTime', 'topologyVersion', 'connectionId']);

/** Objects that are known by what they do. */
const HANDLES = /^(Collection|Db|MongoClient|ClientSession|Admin|FindOperators|\w+Cursor|\w+BulkOperation)$/;

/** Makes values of either side plain text-and-lists, with one numbering of generated ids per outcome. */
export class Plain {
  #ids = new Map();

  constructor(database) {
    this.database = database;
  }

  text(value) {
    return value.replaceAll(this.database, 'DB').replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '(uuid)').replace(/"\$timestamp":"\d+"/g, '"$timestamp"');
  }

  #id(kind, text) {
    // Ids that a test chose are all digits, or repeat one character.
    if (/^(.)\1*$/.test(text.replaceAll('-', '')) || /^[0-9]+$/.test(text)) return `${kind} ${text}`;
    if (!this.#ids.has(text)) this.#ids.set(text, `${kind} #${this.#ids.size + 1}`);
    return this.#ids.get(text);
  }

  of(value, depth = 0, seen = new Set()) {
    if (typeof value === 'string') return this.text(value);
    if (typeof value === 'number') return Object.is(value, -0) ? '-0 (number)' : `${value} (number)`;
    if (typeof value === 'bigint') return `${value} (bigint)`;
    if (value === undefined) return '(undefined)';
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'function') return `(function ${value.name})`;
    if (typeof value === 'symbol') return String(value);
    if (seen.has(value)) return '(circle)';
    if (depth > 20) return '(deep)';
    seen = new Set(seen).add(value);
    const down = inner => this.of(inner, depth + 1, seen);
    if (ArrayBuffer.isView(value)) return { bytes: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex') };
    if (value instanceof Date) return { date: value.getTime() };
    if (value instanceof RegExp) return { regexp: String(value) };
    if (value instanceof Map) return { map: [...value].map(([key, inner]) => [down(key), down(inner)]) };
    if (value instanceof Set) return { set: [...value].map(down) };
    if (typeof value._bsontype === 'string') return this.#bson(value, down);
    if (value instanceof Error) return this.error(value, down);
    if (Array.isArray(value)) return value.map(down);
    const name = Object.getPrototypeOf(value)?.constructor?.name;
    if (HANDLES.test(name)) return `a ${name}`;
    const entries = Object.entries(value).filter(([key]) => !VOLATILE.has(key)).map(([key, inner]) => [this.text(key), down(inner)]);
    return name === 'Object' || name === undefined ? entries : { class: name, entries };
  }

  #bson(value, down) {
    switch (value._bsontype) {
      case 'ObjectId': return this.#id('ObjectId', value.toHexString());
      case 'Binary': return value.sub_type === 4 ? this.#id('UUID', value.toString('hex')) : `Binary ${value.sub_type} ${value.toString('hex')}`;
      case 'Long': return `Long ${value}`;
      case 'Timestamp': return 'Timestamp';
      case 'Decimal128': return `Decimal128 ${value}`;
      case 'Double': return `Double ${value.value}`;
      case 'Int32': return `Int32 ${value.value}`;
      case 'BSONRegExp': return `BSONRegExp /${value.pattern}/${value.options}`;
      case 'Code': return { code: value.code, scope: down(value.scope) };
      case 'DBRef': return { ref: value.collection, oid: down(value.oid), db: down(value.db) };
      default: return `${value._bsontype} ${value}`;
    }
  }

  error(error, down = inner => this.of(inner)) {
    const chain = [];
    for (let p = Object.getPrototypeOf(error); p && p !== Object.prototype; p = Object.getPrototypeOf(p)) chain.push(p.constructor.name);
    const own = Object.entries(error).filter(([key]) => !VOLATILE.has(key));
    return {
      error: error.name, chain: chain.join(' < '), message: isEngines(error) ? '(the engine says it)' : this.text(String(error.message)), code: down(error.code), codeName: down(error.codeName),
      labels: [...(error.errorLabels ?? [])].sort(),
      own: own.map(([key, inner]) => [key, down(inner)]),
      cause: error.cause instanceof Error ? `${error.cause.name}: ${this.text(error.cause.message)}` : down(error.cause),
    };
  }

  /** A command as it went over the wire. */
  command(command) {
    // Later batches are asked for by Rust's driver, which repeats no comment.
    const entries = Object.entries(inBytes(command)).filter(([key]) => !('getMore' in command && key === 'comment'));
    return entries.map(([key, value]) => {
      if (key === 'readConcern' && value?.afterClusterTime) {
        const { afterClusterTime, ...rest } = value;
        return [key, this.of(rest)];
      }
      // A write that nobody wants to hear of is sent as an acknowledged one.
      if (key === 'writeConcern' && Number(value.w) === 0) return [key, this.of({ ...value, w: new Int32(1) })];
      return [key, key === 'getMore' ? '(cursor)' : key === 'cursors' ? '(cursors)' : this.of(value)];
    }).filter(([key, value]) => !(key === 'readConcern' && value.length === 0));
  }
}

const QUIET = new Set(['killCursors', 'endSessions', 'hello', 'ismaster', 'refreshSessions']);

/** Whether an error is the engine's own, whose text names the variables of the code that failed. */
const isEngines = error => [TypeError, RangeError].includes(error.constructor);

/** A command as its bytes say it: every number in its type, every `toBSON` called. */
function inBytes(command) {
  const own = Object.fromEntries(Object.entries(command).filter(([key]) => !GENERATED.has(key)));
  try {
    return deserialize(serialize(own, { ignoreUndefined: false }), { promoteValues: false, bsonRegExp: true });
  } catch {
    return own;
  }
}

class Side {
  commands = [];

  constructor(name, parts) {
    this.name = name;
    Object.assign(this, parts);
  }

  get db() { return this.client.db(this.database); }
  get c() { return this.db.collection('c'); }

  listen(monitored) {
    monitored.on('commandStarted', event => {
      if (this.recording && !QUIET.has(event.commandName)) this.commands.push({ db: event.databaseName, command: event.command });
    });
  }
}

/** Both sides, connected to one server. */
export async function stage(options = {}) {
  const server = await startServer();
  const connect = () => new official.MongoClient(server.uri, { monitorCommands: true, ...options.client }).connect();
  const [one, two] = [await connect(), await connect()];
  const printed = [];
  const ops = makeOps(two, text => printed.push(text));
  const facade = useFacade(ops, { database: 'facade_b', legacy: options.legacy ?? 'off', connection: options.connection });
  const theirs = new Side('driver', { client: one, database: 'facade_a', lib: official, admin: one });
  const ours = new Side('façade', { client: facade.client, database: 'facade_b', lib: facade.mongodb, admin: two });
  theirs.listen(one);
  ours.listen(two);
  after(async () => {
    await Promise.all([one.close(), two.close()]);
    server.stop();
  });
  return new Stage({ theirs, ours, printed, ops });
}

export class Stage {
  constructor(parts) {
    Object.assign(this, parts);
  }

  /** Fills a side's database: `seed` maps collections to documents. */
  async #fill(side, seed) {
    const db = side.admin.db(side.database);
    const names = await db.listCollections({}, { nameOnly: true }).toArray();
    for (const { name, type } of names) if (type === 'view') await db.dropCollection(name);
    for (const { name, type } of names) if (type !== 'view' && !name.startsWith('system.')) await db.dropCollection(name);
    for (const [name, documents] of Object.entries(seed)) {
      if (documents.length === 0) await db.createCollection(name);
      else await db.collection(name).insertMany(documents.map(document => ({ ...document })));
    }
  }

  async #dump(side, plain) {
    const db = side.admin.db(side.database);
    const infos = (await db.listCollections().toArray()).sort((a, b) => (a.name < b.name ? -1 : 1));
    const dump = [];
    for (const { name, type, options } of infos) {
      if (name.startsWith('system.')) continue;
      const documents = type === 'view' ? [] : await db.collection(name).find({}, { promoteValues: false, bsonRegExp: true, sort: { $natural: 1 } }).toArray();
      const indexes = type === 'view' ? [] : (await db.collection(name).indexes()).sort((a, b) => (a.name < b.name ? -1 : 1));
      dump.push({ name, type, options: plain.of(options), documents: documents.map(document => plain.of(document)), indexes: plain.of(indexes) });
    }
    return dump;
  }

  /** What one side does with `call`. */
  async observe(side, call, { seed, dump = true, wire = true } = {}) {
    if (seed) await this.#fill(side, seed);
    const plain = new Plain(side.database);
    side.commands = [];
    side.recording = true;
    const result = await outcome(side, call, plain);
    await new Promise(resolve => setImmediate(resolve));
    side.recording = false;
    if (wire) {
      result.commands = side.commands.map(({ db, command }) => ({ db: plain.text(db), command: plain.command(command) }));
    }
    if (dump && seed) result.dump = await this.#dump(side, plain);
    return result;
  }

  /** `call(side)` has to do the same on both sides. */
  async same(call, options = {}) {
    const theirs = await this.observe(this.theirs, call, options);
    const ours = await this.observe(this.ours, call, options);
    const { adjust = x => x } = options;
    assert.deepEqual(adjust(ours), adjust(theirs), options.what ?? call.toString());
    return theirs;
  }
}

async function outcome(side, call, plain) {
  let returned;
  try {
    returned = call(side);
  } catch (error) {
    return { throws: plain.of(error) };
  }
  if (typeof returned?.then !== 'function') return { returns: plain.of(returned) };
  try {
    return { resolves: plain.of(await returned) };
  } catch (error) {
    return { rejects: plain.of(error) };
  }
}

/** A table of calls, each its own comparison: `[what, call, options]` or just `call`. All differences are reported together. */
export async function table(scene, calls, shared = {}) {
  const failures = [];
  for (const entry of calls) {
    const [what, call, options] = Array.isArray(entry) ? entry : [entry.toString(), entry];
    try {
      await scene.same(call, { ...shared, ...options, what });
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) {
    throw new Error(`${failures.length} of ${calls.length} calls differ:\n\n${failures.map(error => error.code === 'ERR_ASSERTION' ? `${error.message.split('\n')[0]}\n${difference(error)}` : error.stack).join('\n\n')}`);
  }
}

/** The first lines in which two outcomes differ. */
function difference({ actual, expected }) {
  const lines = value => inspect(value, { depth: 30, breakLength: 150, compact: 4, maxArrayLength: 50, maxStringLength: 400 }).split('\n');
  const [ours, theirs] = [lines(actual), lines(expected)];
  let at = 0;
  while (at < ours.length && ours[at] === theirs[at]) at += 1;
  const from = Math.max(0, at - 2);
  const show = some => some.slice(from, at + 5).map(line => `    ${line.slice(0, 400)}`).join('\n');
  return `  façade:\n${show(ours)}\n  driver:\n${show(theirs)}`;
}

'use strict';
// The migrator of applications: checks what it is given, asks the engine, and makes objects and errors of the answers.

const { EventEmitter, on } = require('node:events');
const binding = require('./binding.cjs');
const { WhimbrelError } = require('./errors.cjs');
const { count, duration, flag, migratorOptions, names, object, signal, text, usage } = require('./options.cjs');

/** Numbers of calls, and what waits for the last event of one. */
let calls = 0;

class Migrator extends EventEmitter {
  #options;
  #native;
  #opening;
  #isClosed = false;
  #ended = new Map();

  constructor(options) {
    super();
    this.#options = migratorOptions(options, new.target.name);
    if (this.#options.logger) this.on('event', event => logEvent(this.#options.logger, event));
  }

  async runMigrations(options) {
    const where = 'runMigrations';
    const given = object(options, where, ['force', 'stopOnError', 'to', 'count', 'names', 'lockWait', 'signal']);
    const force = Array.isArray(given.force) ? { names: names(given, 'force', where) } : flag(given, 'force', where, false) ? 'all' : 'nothing';
    return this.#call({ call: 'up', target: target(given, where) ?? 'all', force, stopOnError: flag(given, 'stopOnError', where, true), lockWait: duration(given, 'lockWait', where) ?? null }, signal(given, where));
  }

  async rollbackMigrations(first = 1, options) {
    const where = 'rollbackMigrations';
    const isCount = first === null || typeof first !== 'object';
    const given = object(isCount ? options : first, where, ['stopOnError', 'to', 'count', 'names', 'all', 'from', 'lockWait', 'signal']);
    let its = target(given, where);
    if (flag(given, 'all', where, false)) {
      if (its) throw usage(`${where}: \`all\` goes with none of \`to\`, \`count\` and \`names\``);
      its = 'all';
    }
    if (isCount && its && first !== 1) throw usage(`${where}: a number goes with none of \`to\`, \`count\`, \`names\` and \`all\``);
    its ??= { count: count(isCount ? first : 1, where, 'count') };
    if (given.from !== undefined && given.from !== 'file' && given.from !== 'history') throw usage(`${where}: \`from\` must be "file" or "history"`);
    return this.#call({ call: 'down', target: its, from: given.from ?? null, stopOnError: flag(given, 'stopOnError', where, true), lockWait: duration(given, 'lockWait', where) ?? null }, signal(given, where));
  }

  async getMigrationStatus() {
    const status = await this.#call({ call: 'status' });
    for (const migration of status.migrations) if (migration.appliedAt !== null) migration.appliedAt = new Date(migration.appliedAt);
    if (status.lock) for (const key of ['acquiredAt', 'renewedAt', 'expiresAt']) status.lock[key] = new Date(status.lock[key]);
    return status;
  }

  async verify() {
    return this.#call({ call: 'verify' });
  }

  async baseline(options) {
    const where = 'baseline';
    const given = object(options, where, ['to', 'reason']);
    return this.#call({ call: 'baseline', to: text(given, 'to', where) ?? null, reason: text(given, 'reason', where) ?? null });
  }

  async createMigration(name, description, options) {
    const where = 'createMigration';
    if (typeof name !== 'string' || name.trim() === '') throw usage(`${where} takes the migration's name`, 'such as createMigration("add_user_indexes", "Add indexes for user queries")');
    if (description !== undefined && typeof description !== 'string') throw usage(`${where}: the description is a line of text`);
    const given = object(options, where, ['timestamp']);
    return this.#call({ call: 'create', name, description: description ?? null, timestamp: flag(given, 'timestamp', where, false) });
  }

  /** What runs tell from now on, one object after another, until the migrator is closed or the loop is left. */
  async *events(options) {
    const stop = signal(object(options, 'events', ['signal']), 'events');
    if (this.#isClosed || stop?.aborted) return;
    const end = new AbortController();
    const abort = () => end.abort();
    stop?.addEventListener('abort', abort, { once: true });
    this.once('close', abort);
    try {
      // What was heard before the end is given all the same.
      for await (const [event] of on(this, 'event', { signal: end.signal })) yield event;
    } catch (error) {
      if (!end.signal.aborted) throw error;
    } finally {
      stop?.removeEventListener('abort', abort);
      this.off('close', abort);
    }
  }

  async close() {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const native = await this.#opening?.catch(() => undefined);
    await native?.close();
    this.emit('close');
  }

  async [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]() {
    await this.close();
  }

  /** For the start of a server. */
  async _startup({ lockWait, timeout }, stop) {
    return this.#call({ call: 'startup', lockWait: lockWait ?? null, timeout: timeout ?? null }, stop);
  }

  async #call(request, stop) {
    if (this.#isClosed) throw closed();
    if (stop?.aborted) throw aborted(stop);
    const native = await this.#open(request.call);
    if (stop?.aborted) throw aborted(stop);
    calls = (calls + 1) % 0xffffffff;
    const id = calls;
    const cancel = () => native.cancel(id);
    stop?.addEventListener('abort', cancel, { once: true });
    const told = new Promise(resolve => this.#ended.set(id, resolve));
    try {
      const { ok, error } = JSON.parse(await native.call(id, JSON.stringify(request)));
      await told;
      if (error === undefined) return ok;
      throw this.#failure(error, stop);
    } finally {
      this.#ended.delete(id);
      stop?.removeEventListener('abort', cancel);
    }
  }

  #failure({ message, ...facts }, stop) {
    if (facts.code === 'MIGRATOR_CLOSED' || (this.#isClosed && facts.code === 'INTERRUPTED')) return closed(facts);
    if (facts.code === 'INTERRUPTED' && stop?.aborted) return aborted(stop, facts);
    const hint = HINTS[facts.code];
    return new WhimbrelError(message, { ...facts, hints: hint ? [hint] : facts.hints });
  }

  /** Connects on first use. A failure is not kept: the next call tries again. */
  async #open(call) {
    if (this.#native) return this.#native;
    // Writing a file needs no database.
    if (call === 'create') return this.#make([], undefined);
    this.#opening ??= this.#connect();
    try {
      this.#native = await this.#opening;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
    return this.#native;
  }

  async #connect() {
    const { client, connection } = this.#options;
    if (client === undefined && connection === undefined) return this.#make([], undefined);
    // Only who has a client of their own needs this part.
    const { assertUsable, databaseIn, resolve, uriOf } = require('./process/client.cjs');
    const { Host } = require('./process/host.cjs');
    const target = await resolve(this.#options);
    const given = new Map(this.#options.settings);
    target.database = given.get('database') ?? target.database ?? databaseIn(given.get('uri') ?? target.client.s.url);
    if (target.database === undefined) {
      throw new WhimbrelError('the connection string of the client names no database', { code: 'DATABASE_NAME_MISSING', hints: [HINTS.DATABASE_NAME_MISSING] });
    }
    const uri = given.get('uri') ?? uriOf(target.client);
    await assertUsable(target.client, target.database);
    return this.#make([['uri', uri], ['database', target.database]], new Host(target));
  }

  #make(more, host) {
    const { settings, config } = this.#options;
    const options = { settings: [...settings, ...more], config: config ?? null, folder: process.cwd(), environment: Object.entries(process.env), node: process.execPath };
    const native = new binding.NativeMigrator(JSON.stringify(options), text => this.#hear(JSON.parse(text)), host && (text => host.ask(text)));
    if (host) host.native = native;
    return native;
  }

  #hear(event) {
    if (event.event === 'callEnded') {
      this.#ended.get(event.id)?.();
      return;
    }
    this.emit('event', event);
    this.emit(event.event, event);
  }
}

/** What an application does, where the engine says what is done on a command line. */
const HINTS = {
  URI_MISSING: 'give `uri`, `client` or `connection`, set WHIMBREL_URI or MONGODB_URI in the environment or .env, or write uri = "…" into whimbrel.toml',
  DATABASE_NAME_MISSING: 'add it to the connection string (mongodb://HOST/DATABASE), or give `database`',
};

const closed = facts => new WhimbrelError('the migrator is closed', { ...facts, code: 'MIGRATOR_CLOSED', hints: ['make a new one: new Migrator()'] });

function aborted(stop, facts) {
  return new WhimbrelError('interrupted', { exitCode: 130, ...facts, code: 'INTERRUPTED', causes: undefined, cause: stop.reason });
}

/** Which migrations, as the engine has it; undefined where nothing is said. */
function target(given, where) {
  const chosen = ['to', 'count', 'names'].filter(key => given[key] !== undefined);
  if (chosen.length > 1) throw usage(`${where}: \`${chosen.join('` and `')}\` exclude each other`);
  const [key] = chosen;
  if (key === 'to') return { to: text(given, 'to', where) };
  if (key === 'count') return { count: count(given.count, where, 'count') };
  return key === 'names' ? { names: names(given, 'names', where) } : undefined;
}

const ended = { up: 'completed', rollback: 'rolled back' };

/** Fields as text, as the command line shows them: ` users=3`. */
const fieldsOf = ({ fields = {} }) => Object.entries(fields).map(([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`).join('');

/** A line for what somebody who reads a server's log should know. */
function logEvent(logger, event) {
  switch (event.event) {
    case 'started':
      logger.info(`whimbrel: ${event.direction === 'up' ? 'running' : 'rolling back'} ${event.name} (${event.position} of ${event.total})`);
      break;
    case 'completed':
      logger.info(`whimbrel: ${event.name} ${ended[event.direction]} (${event.executionTime}ms)`);
      break;
    case 'failed':
      logger.error(`whimbrel: ${event.name} failed (${event.executionTime}ms): ${event.error}`);
      break;
    case 'output':
    case 'logged':
      logger[event.level === 'debug' && !logger.debug ? 'info' : event.level](`${event.name}: ${event.line ?? event.message}${fieldsOf(event)}`);
      break;
    case 'found':
      if (event.severity === 'warning') logger.warn(`whimbrel: ${event.message}`);
      break;
    case 'lockWaiting':
      logger.info(`whimbrel: waiting for the lock (${Math.round(event.waited / 1000)}s), held by ${/ \((.*)\)$/.exec(event.lock.command ?? '')?.[1] ?? 'another process'}`);
      break;
    case 'lockTakenOver':
      logger.warn('whimbrel: took over the lock of a process that is gone');
      break;
    case 'wasInterrupted':
      logger.warn(`whimbrel: ${event.name} was cut off, and is settled now`);
      break;
    case 'retrying':
      logger.warn(`whimbrel: ${event.name} is tried again: ${event.error}`);
      break;
    case 'warned':
      logger.warn(`whimbrel: ${event.name ? `${event.name}: ` : ''}${event.message}`);
      break;
    default:
  }
}

module.exports = { Migrator };

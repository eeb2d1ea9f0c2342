'use strict';
// The migrator of applications: checks what it is given, asks the engine, and makes objects and errors of the answers.

const { EventEmitter, on } = require('node:events');
const binding = require('./binding.cjs');
const { current } = require('./context.cjs');
const { WhimbrelError } = require('./errors.cjs');
const { count, duration, flag, migratorOptions, names, object, optionOf, signal, text, usage } = require('./options.cjs');

/** Calls that take the lock. */
const RUNS = new Set(['up', 'down', 'startup', 'baseline']);

/** Numbers of calls, and what waits for the last event of one. */
let calls = 0;

class Migrator extends EventEmitter {
  #options;
  #native;
  #opening;
  #closing;
  #stopOpening = new AbortController();
  #ended = new Map();
  #last = Promise.resolve();
  /** Whether the application's client still is, if there is one. */
  #usable;
  #host;

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

  async rollbackMigrations(first, options) {
    const where = 'rollbackMigrations';
    const isCount = first === null || typeof first !== 'object';
    const hasCount = isCount && first !== undefined;
    const given = object(isCount ? options : first, where, ['stopOnError', 'to', 'count', 'names', 'all', 'from', 'lockWait', 'signal']);
    let its = target(given, where);
    if (flag(given, 'all', where, false)) {
      if (its) throw usage(`${where}: \`all\` goes with none of \`to\`, \`count\` and \`names\``);
      its = 'all';
    }
    if (hasCount && its) throw usage(`${where}: a number goes with none of \`to\`, \`count\`, \`names\` and \`all\``);
    its ??= { count: count(hasCount ? first : 1, where, 'count') };
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
  events(options) {
    const stop = signal(object(options, 'events', ['signal']), 'events');
    const end = new AbortController();
    const abort = () => end.abort();
    stop?.addEventListener('abort', abort, { once: true });
    this.once('close', abort);
    // What was heard before the end is given all the same.
    const heard = on(this, 'event', { signal: end.signal });
    if (this.#closing || stop?.aborted) abort();
    const off = () => {
      stop?.removeEventListener('abort', abort);
      this.off('close', abort);
    };
    return (async function* () {
      try {
        for await (const [event] of heard) yield event;
      } catch (error) {
        if (!end.signal.aborted) throw error;
      } finally {
        off();
      }
    })();
  }

  async close() {
    this.#closing ??= (async () => {
      this.#stopOpening.abort();
      const native = this.#native;
      this.#native = undefined;
      this.#opening = undefined;
      await native?.close();
      this.emit('close');
    })();
    return this.#closing;
  }

  async [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]() {
    await this.close();
  }

  /** For the start of a server. */
  async _startup({ lockWait, timeout }, stop) {
    return this.#call({ call: 'startup', lockWait: lockWait ?? null, timeout: timeout ?? null }, stop);
  }

  async #call(request, stop) {
    if (this.#closing) throw closed();
    if (stop?.aborted) throw aborted(stop);
    const { run } = current.getStore() ?? {};
    if (run && !run.isOver && RUNS.has(request.call)) {
      throw new WhimbrelError('a migration that is run or loaded runs migrations itself, which would wait for its own end', {
        code: 'RUN_IN_MIGRATION', hints: ['does it import a module that starts the application? Import what that is made of, such as models'],
      });
    }
    // What is under way keeps the process alive; answers and events do not.
    const alive = setInterval(() => {}, 0x7fffffff);
    const isRun = RUNS.has(request.call);
    const turn = this.#last;
    let release;
    if (isRun) {
      const own = new Promise(resolve => { release = resolve; });
      this.#last = turn.then(() => own);
    }
    try {
      // Runs are done in the order they were asked for.
      if (isRun) await this.#first(turn, stop);
      const native = await this.#first(this.#open(request.call), stop);
      if (isRun && this.#usable) await this.#first(this.#usable(), stop);
      return await this.#ask(native, request, stop);
    } catch (error) {
      if (error instanceof WhimbrelError) throw error;
      // What the native part does not take was not seen here.
      throw new WhimbrelError(error.message, { code: 'OPTION_INVALID', cause: error });
    } finally {
      clearInterval(alive);
      release?.();
    }
  }

  async #ask(native, request, stop) {
    if (stop?.aborted) throw aborted(stop);
    calls = (calls + 1) % 0xffffffff;
    const id = calls;
    const cancel = () => native.cancel(id);
    const told = new Promise(resolve => this.#ended.set(id, resolve));
    native.begin(id);
    stop?.addEventListener('abort', cancel, { once: true });
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

  /** The connection, unless it is told to stop or the migrator is closed before. */
  async #first(opening, stop) {
    const ends = [this.#stopOpening.signal, stop].filter(Boolean);
    let end;
    const ended = new Promise((_, reject) => {
      end = () => reject(stop?.aborted ? aborted(stop) : closed());
      for (const signal of ends) signal.addEventListener('abort', end, { once: true });
    });
    ended.catch(() => {});
    opening.catch(() => {});
    try {
      if (ends.some(signal => signal.aborted)) end();
      return await Promise.race([ended, opening]);
    } finally {
      for (const signal of ends) signal.removeEventListener('abort', end);
    }
  }

  #failure({ message, ...facts }, stop) {
    if (facts.code === 'MIGRATOR_CLOSED' || (this.#closing && facts.code === 'INTERRUPTED')) return closed(facts);
    if (facts.code === 'INTERRUPTED' && stop?.aborted) return aborted(stop, facts, message);
    // What was thrown in this process is still there.
    if (facts.code === 'MIGRATION_FAILED' && this.#host?.thrown !== undefined) facts.cause = this.#host.thrown;
    const hint = HINTS[facts.code];
    return new WhimbrelError(message, { ...facts, hints: hint ? [hint] : facts.hints });
  }

  /** Connects on first use. A failure is not kept: the next call tries again. */
  async #open(call) {
    if (this.#native) return this.#native;
    // Writing a file needs no database.
    if (call === 'create') return this.#make([], undefined);
    const opening = (this.#opening ??= this.#connect());
    try {
      const native = await opening;
      // Meanwhile it may have been closed.
      if (this.#closing) await native.close();
      else this.#native = native;
      return native;
    } catch (error) {
      if (this.#opening === opening) this.#opening = undefined;
      throw error;
    }
  }

  async #connect() {
    const { client, connection } = this.#options;
    if (client === undefined && connection === undefined) return this.#make([], undefined);
    // Only who has a client of their own needs this part.
    const { assertUsable, databaseIn, resolve, uriOf } = require('./process/client.cjs');
    const { Host } = require('./process/host.cjs');
    const target = await resolve(this.#options);
    const given = new Map(this.#options.settings);
    if (target.database !== undefined && given.has('database') && given.get('database') !== target.database) {
      throw usage(`\`database\` is ${given.get('database')}, and the connection of mongoose has ${target.database}`, 'leave `database` out: models use that of their connection');
    }
    const host = new Host(target);
    const more = [['uri', given.get('uri') ?? uriOf(target.client)]];
    if (target.database !== undefined) more.push(['database', target.database]);
    const native = this.#make(more, host);
    // As on the command line: an option, the environment, the file; then the connection string.
    const { ok, error } = JSON.parse(await native.database(databaseIn(given.get('uri') ?? target.client.s.url) ?? null));
    if (error) throw this.#failure(error);
    if (ok === null) {
      throw new WhimbrelError('the connection string of the client names no database', { code: 'DATABASE_NAME_MISSING', hints: [HINTS.DATABASE_NAME_MISSING] });
    }
    target.database = ok;
    this.#host = host;
    this.#usable = () => assertUsable(target.client, target.database);
    return native;
  }

  #make(more, host) {
    const { settings, config } = this.#options;
    const options = { settings: [...settings, ...more].map(([key, text]) => [key, text, optionOf(key)]), config: config ?? null, folder: process.cwd(), environment: Object.entries(process.env), node: process.execPath };
    // The native part holds these functions, and must not hold us by them.
    const self = new WeakRef(this);
    const native = new binding.NativeMigrator(JSON.stringify(options), text => self.deref()?.#hear(JSON.parse(text)), host && (text => host.ask(text)));
    if (host) {
      host.nativeReference = new WeakRef(native);
      host.onLate = message => {
        const migrator = self.deref();
        if (migrator && migrator.listenerCount('event') + migrator.listenerCount('warned') > 0) migrator.#hear({ event: 'warned', name: '', message });
        else process.emitWarning(message, 'WhimbrelWarning');
      };
    }
    return native;
  }

  #hear(event) {
    if (event.event === 'callEnded') {
      this.#ended.get(event.id)?.();
      return;
    }
    // About the run as a whole.
    if (event.name === '') delete event.name;
    this.emit('event', event);
    this.emit(event.event, event);
  }
}

/** What an application does, where the engine says what is done on a command line. */
const HINTS = {
  DIRECTORY_MISSING: 'create it with `npx whimbrel init`, or give the right one as `directory`',
  URI_MISSING: 'give `uri`, `client` or `connection`, set WHIMBREL_URI or MONGODB_URI in the environment or .env, or write uri = "…" into whimbrel.toml',
  DATABASE_NAME_MISSING: 'add it to the connection string (mongodb://HOST/DATABASE), or give `database`',
};

const closed = facts => new WhimbrelError('the migrator is closed', { ...facts, code: 'MIGRATOR_CLOSED', hints: ['make a new one: new Migrator()'] });

function aborted(stop, facts, message = 'interrupted') {
  return new WhimbrelError(message, { exitCode: 130, ...facts, code: 'INTERRUPTED', causes: undefined, cause: stop.reason });
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
      logger[event.level]?.(`${event.name}: ${event.line ?? event.message}${fieldsOf(event)}`);
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

'use strict';
// What a server does at its start.

const fs = require('node:fs');
const { WhimbrelError } = require('./errors.cjs');
const { Migrator } = require('./migrator.cjs');
const { duration, flag, migratorOptions, object, signal } = require('./options.cjs');

/** Signals that tell a process to end. */
const SIGNALS = ['SIGINT', 'SIGTERM'];
/** How long a full pipe is waited for, in milliseconds. */
const REPORT_WITHIN = 2000;

/** The server's log, without what is for whoever looks closer. */
const LOG = { info: line => console.info(line), warn: line => console.warn(line), error: line => console.error(line) };

class AutoMigrator {
  #migrator;

  constructor(options) {
    migratorOptions(options, 'AutoMigrator');
    // A start is told in the server's log, unless the application says otherwise.
    this.#migrator = new Migrator({ logger: LOG, ...options });
  }

  /** The migrator, for its events and everything else. */
  get migrator() {
    return this.#migrator;
  }

  async runOnStartup(options) {
    const where = 'runOnStartup';
    const given = object(options, where, ['exitOnError', 'lockWait', 'timeout', 'signal', 'handleSignals']);
    const exitOnError = flag(given, 'exitOnError', where, false);
    const handlesSignals = flag(given, 'handleSignals', where, exitOnError);
    const limits = { lockWait: duration(given, 'lockWait', where), timeout: duration(given, 'timeout', where) };
    const stop = new AbortController();
    const forward = signal(given, where);
    const abort = () => stop.abort(forward.reason);
    if (forward?.aborted) abort();
    forward?.addEventListener('abort', abort, { once: true });
    const listening = handlesSignals ? listen(stop) : undefined;
    try {
      return await this.#migrator._startup(limits, stop.signal);
    } catch (error) {
      if (exitOnError && error.code !== 'INTERRUPTED') exitWith(error);
      throw error;
    } finally {
      forward?.removeEventListener('abort', abort);
      await listening?.end();
    }
  }

  async checkMigrationStatus() {
    const { total, applied, pending, failed } = await this.#migrator.getMigrationStatus();
    // Where files and history do not agree, the next start may refuse.
    const { ok } = await this.#migrator.verify();
    return { upToDate: pending === 0 && failed === 0 && ok, total, applied, pending, failed };
  }

  async getDetailedStatus() {
    return this.#migrator.getMigrationStatus();
  }

  async close() {
    await this.#migrator.close();
  }

  async [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]() {
    await this.close();
  }
}

/** Ends the process with the report, however the stream is that should have it. */
function exitWith(error) {
  try {
    writeAll(`${error instanceof WhimbrelError ? error.explain() : error.stack}\n`);
  } catch {
    // Nobody reads it.
  } finally {
    process.exit(error.exitCode ?? 1);
  }
}

/** A pipe that is full takes more a moment later. */
function writeAll(text) {
  const end = Date.now() + REPORT_WITHIN;
  for (let rest = Buffer.from(text); rest.length > 0;) {
    try {
      rest = rest.subarray(fs.writeSync(2, rest));
    } catch (error) {
      if (error.code !== 'EAGAIN' || Date.now() > end) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/** Starts that a signal stops. */
const starts = new Set();
/** The signal that was heard, and what waits until the last of them has ended: `{ name, ended, end }`. */
let heard;

function onSignal(name) {
  // A second one ends the process as it always did.
  unlisten();
  heard = { name, isOthersToo: listeners.get(name) > 0 || process.listenerCount(name) > 0 };
  heard.ended = new Promise(resolve => { heard.end = resolve; });
  for (const stop of starts) stop.abort(new Error(`the process received ${name}`));
}

/** How many others listened when we began: one that listens once is gone when it has heard. */
const listeners = new Map();

const handlers = SIGNALS.map(name => [name, () => onSignal(name)]);

function unlisten() {
  for (const [name, handler] of handlers) process.off(name, handler);
}

/** Stops a start at the first signal; when the last start has recorded how far it came, the signal does what it always did. */
function listen(stop) {
  if (starts.size === 0) {
    for (const [name, handler] of handlers) {
      listeners.set(name, process.listenerCount(name));
      process.on(name, handler);
    }
  }
  starts.add(stop);
  return {
    async end() {
      starts.delete(stop);
      const its = heard;
      if (starts.size > 0) {
        // Whoever hears of the end of one may end the process.
        await its?.ended;
        return;
      }
      unlisten();
      heard = undefined;
      // Where the application listens too, it has heard the first one.
      if (its && !its.isOthersToo) process.kill(process.pid, its.name);
      its?.end();
    },
  };
}

module.exports = { AutoMigrator };

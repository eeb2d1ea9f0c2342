'use strict';
// What a server does at its start.

const fs = require('node:fs');
const { WhimbrelError } = require('./errors.cjs');
const { Migrator } = require('./migrator.cjs');
const { duration, flag, object, signal } = require('./options.cjs');

/** Signals that tell a process to end, with the exit code that shells give for them. */
const SIGNALS = ['SIGINT', 'SIGTERM'];

class AutoMigrator {
  #migrator;
  #options;

  constructor(options) {
    const given = options !== null && typeof options === 'object' && !Array.isArray(options) ? options : undefined;
    // A start is told in the server's log, unless the application says otherwise.
    this.#options = given || options === undefined ? { logger: console, ...given } : options;
    this.#migrator = new Migrator(this.#options);
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
    const heard = handlesSignals ? listen(stop) : undefined;
    try {
      return await this.#migrator._startup(limits, stop.signal);
    } catch (error) {
      if (heard?.signal) {
        heard.stop();
        // As if nobody had listened, now that everything is in order.
        process.kill(process.pid, heard.signal);
        // Where the application listens too, it decides.
      } else if (exitOnError && error.code !== 'INTERRUPTED') {
        fs.writeSync(2, `${error instanceof WhimbrelError ? error.explain() : error.stack}\n`);
        process.exit(error.exitCode ?? 1);
      }
      throw error;
    } finally {
      heard?.stop();
      forward?.removeEventListener('abort', abort);
    }
  }

  async checkMigrationStatus() {
    const { total, applied, pending, failed } = await this.#migrator.getMigrationStatus();
    return { upToDate: pending === 0 && failed === 0, total, applied, pending, failed };
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

/** The first of these signals stops the start in order; a second one ends the process as it always did. */
function listen(stop) {
  const heard = { signal: undefined, stop };
  const on = name => {
    heard.signal = name;
    heard.stop();
    stop.abort(new Error(`the process received ${name}`));
  };
  const handlers = SIGNALS.map(name => [name, () => on(name)]);
  for (const [name, handler] of handlers) process.on(name, handler);
  heard.stop = () => { for (const [name, handler] of handlers) process.off(name, handler); };
  return heard;
}

module.exports = { AutoMigrator };

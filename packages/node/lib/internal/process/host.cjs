'use strict';
// Runs migrations in the application's process: does what the engine asks for, one thing after another.

// Those of a migration's files are seen in the globals.
const { setImmediate, setTimeout } = require('node:timers');
const { current } = require('../context.cjs');
const { driverOf } = require('./client.cjs');
const { describe } = require('./describe.cjs');
const { exportsOf, sharedScripts } = require('./entry.cjs');
const { guard, over } = require('./guard.cjs');
const { Handles, assertKnown } = require('./handles.cjs');
const { Run } = require('./run.cjs');
const { watchTimers } = require('./timers.cjs');
const { Transaction } = require('./transaction.cjs');
const { Unusable, thrownBy } = require('./unusable.cjs');
const { watch } = require('./wire.cjs');

/** Where the driver is bundled, values in filters are what JSON makes of them. */
const PLAIN = { stringify: value => JSON.stringify(value) };
/** Most late failures that are told. */
const MOST_LATE = 5;

/** Timers that a migration has set and that are due within this time are awaited at its end, so long without any operation. */
const SOON = 1000;
const MOST_QUIET = 5000;
/** So many turns of the event loop nothing is sent, and nothing is about to be. */
const QUIET_TICKS = 20;
/** How often operations in flight are looked at. */
const LOOK_EVERY = 2;

const tick = () => new Promise(resolve => { setImmediate(resolve); });
const pause = () => new Promise(resolve => { setTimeout(resolve, LOOK_EVERY); });

class Host {
  /** `target` is `{ client, database, mongoose }`; `native` is there before anything is asked. */
  constructor(target) {
    this.target = target;
    assertKnown(target.client);
    this.driver = driverOf(target.client);
    watch(this.driver);
    this.nativeReference = undefined;
    /** Hears what fails when everything is over; set by the migrator. */
    this.onLate = () => {};
    this.run = undefined;
    this.transaction = undefined;
    this.late = [];
    this.unguard = undefined;
    this.abandon = undefined;
  }

  /** Not kept alive from here: it holds what asks us. */
  get native() {
    return this.nativeReference.deref();
  }

  /** What the engine calls: JSON in, JSON out, and never a rejection. */
  async ask(text) {
    try {
      const { ask, ...request } = JSON.parse(text);
      return JSON.stringify({ ok: (await this[`on_${ask}`](request)) ?? null });
    } catch (error) {
      const isUnusable = error instanceof Unusable;
      return JSON.stringify({ error: describe(error), isUnusable, hint: isUnusable ? error.hint : undefined });
    }
  }

  #guarded() {
    this.unguard ??= guard(this);
  }

  async on_inspect(request) {
    const { entryPoints } = await sharedScripts();
    const points = await this.#looking(request, async () => entryPoints(await exportsOf(request)));
    return {
      hasUp: typeof points.up === 'function',
      hasRollback: typeof points.rollback === 'function',
      transaction: typeof points.transaction === 'boolean' ? points.transaction : null,
      node: process.versions.node,
      driver: this.driver?.version ?? null,
      mongoose: this.target.mongoose?.version ?? null,
    };
  }

  /** Code at the top level of a file neither ends the process, nor fails where nobody hears of it. */
  async #looking({ path: file }, look) {
    let fail;
    const failed = new Promise((_, reject) => { fail = reject; });
    failed.catch(() => {});
    const run = { isOver: false, checkCommand() {}, noteCommand: (_, send) => send(), late: error => this.tellLate(error), fail, hasThrown: error => thrownBy(file, error) };
    const cell = { run };
    const unguard = guard({ run });
    const abandon = () => {
      run.isOver = true;
      cell.run = over(file, this);
      unguard();
    };
    this.#abandon();
    this.abandon = abandon;
    try {
      const found = await Promise.race([current.run(cell, look), failed]);
      await tick();
      await tick();
      await Promise.race([failed, Promise.resolve()]);
      return found;
    } finally {
      this.#ended(abandon);
    }
  }

  /** What the engine does not wait for any more is over, also where it goes on: what the application began in it is its own. */
  #abandon() {
    this.abandon?.();
    this.abandon = undefined;
  }

  /** It ended by itself, maybe long after it was given up and another one has begun. */
  #ended(abandon) {
    abandon();
    if (this.abandon === abandon) this.abandon = undefined;
  }

  async on_run({ load, direction, comment, transaction, legacy, ...request }) {
    if (transaction && !this.transaction?.session) throw new Error('the transaction is gone');
    this.#guarded();
    const { client, database } = this.target;
    const run = new Run({ native: this.native, load, comment, client, EJSON: this.driver?.EJSON ?? PLAIN, transaction: transaction ? this.transaction : undefined, file: request.path });
    run.takesCallbacks = this.driver?.version.startsWith('4.') === true || /^Legacy/.test(client.constructor.name);
    run.late = error => this.tellLate(error);
    this.run = run;
    const cell = { run };
    this.#abandon();
    const abandon = () => {
      run.isOver = true;
      cell.run = over(request.path, this, run.errors);
      if (this.run === run) this.run = undefined;
    };
    this.abandon = abandon;
    this.thrown = undefined;
    watchTimers();
    try {
      return await current.run(cell, () => this.#body(run, { ...request, load, direction, legacy, database }));
    } catch (error) {
      this.thrown = error;
      throw error;
    } finally {
      this.#ended(abandon);
    }
  }

  async #body(run, { direction, legacy, database, ...request }) {
    const { entryPoints, callEntry } = await sharedScripts();
    const points = entryPoints(await exportsOf(request));
    const callback = direction === 'up' ? points.up : points.rollback;
    if (typeof callback !== 'function') throw new Error(`the file exports no function for ${direction}`);
    const handles = new Handles(run);
    const client = handles.of(this.target.client);
    const db = client.db(database);
    const deprecate = (what, instead) => run.native.say(run.load, JSON.stringify({ line: { level: 'warn', text: `${what} is deprecated; use ${instead}` } }));
    const call = async () => callEntry(callback, points.owner, db, client, { legacy, deprecate });
    let failure;
    try {
      await Promise.race([this.#joined(run, call), run.failed]);
    } catch (error) {
      failure = { error };
    }
    const unawaited = run.pending();
    let quietSince = Date.now();
    const isBusy = () => run.inFlight.size > 0 || (run.isDueWithin(SOON) && Date.now() - quietSince < MOST_QUIET);
    for (let quiet = 0; quiet < QUIET_TICKS;) {
      quiet = isBusy() ? 0 : quiet + 1;
      if (run.inFlight.size > 0) quietSince = Date.now();
      // What was rejected and is nobody's is told between two turns of the event loop; so is what is about to be sent.
      const turn = quiet > 0 ? tick() : pause();
      if (failure) await turn;
      else await Promise.race([turn, run.failed]).catch(error => { failure = { error }; });
      for (const one of run.pending()) if (!unawaited.includes(one)) unawaited.push(one);
    }
    await Promise.race([run.failed, Promise.resolve()]).catch(error => { failure ??= { error }; });
    const streams = await handles.close();
    if (failure) throw failure.error;
    return { unawaited, unconsumed: handles.unconsumed(), streams };
  }

  /** Models of mongoose join the transaction where the application lets them. */
  #joined(run, call) {
    const storage = this.target.mongoose?.transactionAsyncLocalStorage;
    return run.transaction && storage ? storage.run({ session: run.transaction.session }, call) : call();
  }

  /** Something that a migration started failed after its end. */
  tellLate(error) {
    const { name, message } = describe(error);
    const told = `after the end of a migration, something it had started failed: ${name ? `${name}: ` : ''}${message}`;
    if (!this.unguard) this.onLate(told);
    else if (this.late.length < MOST_LATE) this.late.push(told);
  }

  async on_begin({ writeConcern }) {
    await this.transaction?.abort();
    if (this.target.client.options?.autoEncryption) {
      throw new Unusable('a client with automatic encryption reads keys and schemas by itself, which cannot be part of a transaction', 'set `export const transaction = false`, or give `uri` instead of the client');
    }
    this.transaction = new Transaction(this.target.client, this.driver?.EJSON);
    return this.transaction.begin(writeConcern);
  }

  async on_command({ database, command }) {
    if (!this.transaction?.session) throw new Error('there is no transaction');
    return this.transaction.command(database, command);
  }

  async on_commit() {
    await this.transaction.commit();
  }

  async on_abort() {
    await this.transaction?.abort();
  }

  /** The run of the engine is over. */
  async on_release() {
    await tick();
    await tick();
    // One that the engine gave up has been ended on the server, and nobody asks for it any more.
    await this.transaction?.abort();
    this.#abandon();
    this.unguard?.();
    this.unguard = undefined;
    const { late } = this;
    this.late = [];
    return { late };
  }
}

module.exports = { Host };

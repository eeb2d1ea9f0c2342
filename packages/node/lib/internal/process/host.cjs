'use strict';
// Runs migrations in the application's process: does what the engine asks for, one thing after another.

const { current } = require('../context.cjs');
const { driverOf } = require('./client.cjs');
const { describe } = require('./describe.cjs');
const { exportsOf, sharedScripts } = require('./entry.cjs');
const { guard, over } = require('./guard.cjs');
const { Handles, assertKnown } = require('./handles.cjs');
const { Run } = require('./run.cjs');
const { Transaction } = require('./transaction.cjs');
const { Unusable, thrownBy } = require('./unusable.cjs');
const { watch } = require('./wire.cjs');

/** Where the driver is bundled, values in filters are what JSON makes of them. */
const PLAIN = { stringify: value => JSON.stringify(value) };
/** Most late failures that are told. */
const MOST_LATE = 5;

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
    const run = { isOver: false, checkCommand() {}, late: error => this.tellLate(error), fail, hasThrown: error => thrownBy(file, error) };
    const unguard = guard({ run });
    try {
      const found = await Promise.race([current.run({ run }, look), failed]);
      await tick();
      await tick();
      await Promise.race([failed, Promise.resolve()]);
      return found;
    } finally {
      run.isOver = true;
      over(file, this);
      unguard();
    }
  }

  async on_run({ load, direction, comment, transaction, legacy, ...request }) {
    if (transaction && !this.transaction?.session) throw new Error('the transaction is gone');
    this.#guarded();
    const { client, database } = this.target;
    const run = new Run({ native: this.native, load, comment, client, EJSON: this.driver?.EJSON ?? PLAIN, transaction: transaction ? this.transaction : undefined, file: request.path });
    run.takesCallbacks = this.driver?.version.startsWith('4.') === true;
    run.late = error => this.tellLate(error);
    this.run = run;
    try {
      return await current.run({ run }, () => this.#body(run, { ...request, load, direction, legacy, database }));
    } finally {
      run.isOver = true;
      over(request.path, this);
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
    const { exitCode } = process;
    let failure;
    try {
      await Promise.race([this.#joined(run, call), run.failed]);
    } catch (error) {
      failure = { error };
    }
    const unawaited = run.pending();
    while (run.inFlight.size > 0) {
      if (failure) await pause();
      else await Promise.race([pause(), run.failed]).catch(error => { failure = { error }; });
      for (const one of run.pending()) if (!unawaited.includes(one)) unawaited.push(one);
    }
    // What was rejected and is nobody's is told before this is over.
    await tick();
    await tick();
    await Promise.race([run.failed, Promise.resolve()]).catch(error => { failure ??= { error }; });
    const streams = await handles.close();
    process.exitCode = exitCode;
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
    this.unguard?.();
    this.unguard = undefined;
    this.run = undefined;
    const { late } = this;
    this.late = [];
    return { late };
  }
}

module.exports = { Host };

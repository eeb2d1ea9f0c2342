'use strict';
// One migration that runs: everything its handles send passes here. The gate is asked, the audit trail hears what is
// sent and what came of it, what nobody awaits is known, and a transaction's operations go one after another.

const path = require('node:path');
const { current } = require('../context.cjs');
const { describe } = require('./describe.cjs');
const { Unusable, WhimbrelStoppedError, thrownBy } = require('./unusable.cjs');

/** Answers of the native part to a command that is to be sent. */
const ANNOUNCE = -1;
const CLOSED = -2;

/** Frames of a stack that are neither ours, nor the driver's or Node.js' own. */
function ownFrames(stack) {
  const frames = String(stack).split('\n').filter(line => /^\s+at /.test(line));
  return frames.filter(line => !line.includes(`${path.sep}node_modules${path.sep}`) && !line.includes('/node_modules/') && !line.includes('node:') && !line.includes(__dirname));
}

function siteOf() {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 16;
  const site = new Error();
  Error.stackTraceLimit = before;
  return site;
}

/** Whether the server may have seen the command: what the driver itself refuses dooms no transaction. */
const reachedServer = error => typeof error?.code === 'number' || /^Mongo(Server|Network|WriteConcern|BulkWrite|PoolCleared|OperationTimeout)/.test(error?.name ?? '');

/** The first error inside a reply that is none itself. */
function errorInside(reply) {
  const first = Array.isArray(reply?.writeErrors) ? reply.writeErrors[0] : undefined;
  return first && Object.assign(new Error(first.errmsg), { name: 'MongoServerError', code: first.code });
}

class Run {
  /** `transaction` is the one under way, if the migration is in one: `{ session, doomed, queue }`. */
  constructor({ native, load, comment, client, transaction, EJSON, file }) {
    Object.assign(this, { native, load, comment, client, transaction, EJSON, file });
    this.inFlight = new Set();
    /** What failed of commands that were sent past the handles. */
    this.errors = new WeakSet();
    /** Timers of the migration's own files, and when they are due. */
    this.timers = new Map();
    this.isOver = false;
    this.failed = new Promise((_, reject) => { this.fail = reject; });
    this.failed.catch(() => {});
  }

  /** Throws where nothing more may be sent. */
  check() {
    const why = this.isOver ? 'the migration is over' : this.native.closed(this.load);
    if (why !== null && why !== undefined) throw new WhimbrelStoppedError(`nothing more is sent to the database: ${why}`);
  }

  /** The same where the driver sends a command, whoever asked it to. */
  checkCommand(address, name, command, session) {
    this.check();
    const { transaction } = this;
    if (!transaction || session === transaction.session) return;
    if (this.client.topology?.description?.servers?.has(address) !== true) return;
    const error = new Unusable(
      `${name}${typeof command[name] === 'string' ? ` on ${command[name]}` : ''} is not part of the migration's transaction: it was sent past the \`db\` that the migration was given`,
      'use that `db`; models of mongoose join with mongoose.set(\'transactionAsyncLocalStorage\', true) and the same connection; or `export const transaction = false`',
    );
    error.code = 'OUTSIDE_TRANSACTION';
    this.doom(error);
    throw error;
  }

  /** Tracks something that takes no turn, because what is done inside does. */
  track(label, call) {
    return this.#track(label, async () => {
      this.check();
      return call();
    });
  }

  /** A command that was sent past the handles: nobody may have awaited what it is part of. */
  async noteCommand(label, send) {
    const entry = { label, site: siteOf() };
    this.inFlight.add(entry);
    try {
      return await send();
    } catch (error) {
      if (error !== null && typeof error === 'object') this.errors.add(error);
      throw error;
    } finally {
      this.inFlight.delete(entry);
    }
  }

  /** A command without a place in the audit trail, such as the next batch of a cursor. */
  follow(label, call) {
    return this.#track(label, () => this.#inTurn(async () => {
      this.check();
      return this.#handled(call);
    }));
  }

  #handled(call) {
    return current.run({ run: this, isHandled: true }, call);
  }

  /** Sends what `call` sends, which `commands` describes. */
  send(label, database, commands, call) {
    return this.#track(label, () => this.#inTurn(async () => {
      const numbers = [];
      try {
        for (const { command, statements } of commands) numbers.push(await this.#announce(database, command, statements));
      } catch (error) {
        for (const number of numbers) this.native.sent(this.load, number, 'withdrawn');
        throw error;
      }
      try {
        const result = await this.#handled(call);
        commands.forEach(({ counts }, at) => this.native.sent(this.load, numbers[at], 'replied', JSON.stringify(counts(result))));
        return result;
      } catch (error) {
        // What the driver itself refused was never sent.
        const isAnswered = typeof error?.code === 'number' || error?.name === 'MongoServerError';
        const outcome = isAnswered ? 'failed' : reachedServer(error) ? 'unknown' : 'withdrawn';
        for (const number of numbers) this.native.sent(this.load, number, outcome);
        throw error;
      }
    }));
  }

  async #announce(database, command, statements) {
    this.check();
    const text = this.#text(command);
    let number = this.native.sending(this.load, database, text, statements);
    if (number === ANNOUNCE) number = await this.native.announce(this.load, database, text);
    if (number === CLOSED) {
      this.check();
      throw new WhimbrelStoppedError('nothing more is sent to the database: the run was stopped');
    }
    return number;
  }

  #text(command) {
    try {
      return this.EJSON.stringify(command, { relaxed: false });
    } catch {
      // The driver will say what is wrong with the values.
      const [name] = Object.keys(command);
      return JSON.stringify({ [name]: typeof command[name] === 'string' ? command[name] : 1 });
    }
  }

  /** In a transaction, one operation at a time: a session takes no two. The first error of the server dooms it. */
  async #inTurn(call) {
    const { transaction } = this;
    if (!transaction) return call();
    const turn = transaction.queue;
    let release;
    transaction.queue = new Promise(resolve => { release = resolve; });
    await turn;
    const isStarting = () => transaction.session?.transaction?.state === 'STARTING_TRANSACTION';
    const isFirst = isStarting();
    try {
      if (transaction.doomed) throw transaction.doomed;
      const result = await call();
      const inside = errorInside(result);
      if (inside) this.doom(inside);
      return result;
    } catch (error) {
      // The driver may believe that the first command has started it, even where it could not be sent.
      const isLost = isFirst && !isStarting();
      if (!(error instanceof WhimbrelStoppedError) && (isLost || reachedServer(error))) this.doom(error);
      throw error;
    } finally {
      release();
    }
  }

  doom(error) {
    const { transaction } = this;
    if (!transaction || transaction.doomed || this.isOver) return;
    transaction.doomed = error;
    this.native.doom(this.load, JSON.stringify(describe(error)));
  }

  async #track(label, call) {
    const entry = { label, site: siteOf() };
    this.inFlight.add(entry);
    try {
      return await call();
    } catch (error) {
      if (error instanceof Error && typeof error.stack === 'string' && ownFrames(error.stack).length === 0) {
        error.stack = `${error.stack}\n${ownFrames(entry.site.stack).join('\n')}`;
      }
      throw error;
    } finally {
      this.inFlight.delete(entry);
    }
  }

  /** Operations in flight, with the places of their calls. */
  pending() {
    return [...this.inFlight].map(({ label, site }) => {
      const [frame] = ownFrames(site.stack);
      const place = /\(?((?:file:\/\/)?[^\s()]+:\d+:\d+)\)?$/.exec(frame?.trim() ?? '')?.[1];
      return place ? `${label} (at ${place})` : label;
    });
  }

  /** Whether a timer of the migration's own is due within a time. */
  isDueWithin(milliseconds) {
    const end = Date.now() + milliseconds;
    let isDue = false;
    for (const [timer, due] of this.timers) {
      // One that was cleared fires no more.
      if (timer._destroyed) this.timers.delete(timer);
      else isDue ||= due <= end;
    }
    return isDue;
  }

  /** Whether an error came of this migration, where its asynchronous context does not tell. */
  hasThrown(error) {
    return (error !== null && typeof error === 'object' && this.errors.has(error)) || thrownBy(this.file, error);
  }
}

module.exports = { Run };

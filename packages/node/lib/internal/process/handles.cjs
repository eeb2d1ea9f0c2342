'use strict';
// What a migration is given in place of the application's own objects: the same objects behind proxies that pass each
// operation through the migration's run. `instanceof` holds, and whatever else they have is theirs.

const { Readable } = require('node:stream');
const { WhimbrelError } = require('../errors.cjs');
const { commandsOf } = require('./commands.cjs');
const { LAZY, METHODS, RAW } = require('./describe.cjs');
const { Unusable } = require('./unusable.cjs');

/** What each class of the driver is here. */
const KINDS = {
  Collection: 'collection', Db: 'db', Admin: 'admin', MongoClient: 'client', ClientSession: 'session',
  OrderedBulkOperation: 'bulk', UnorderedBulkOperation: 'bulk', FindOperators: 'operators',
};
/** Methods of cursors that ask the server. */
const FETCHES = new Set(['next', 'tryNext', 'hasNext', 'toArray', 'forEach', 'explain', 'count']);

/** Methods beside those of `METHODS` that take a callback in drivers that have them. */
const CALLED_BACK = { cursor: new Set([...FETCHES, 'close']), session: new Set(['commitTransaction']), stream: new Set(['next', 'tryNext', 'hasNext']) };

/** A method that gives a promise, for those who call it with a callback. */
const calledBack = (method, name) => (...args) => {
  const callback = typeof args.at(-1) === 'function' && (name !== 'forEach' || args.length > 1) ? args.pop() : undefined;
  const promise = method(...args);
  if (!callback) return promise;
  promise.then(result => callback(undefined, result), error => callback(error));
  return undefined;
};

const raws = new WeakMap();
/** What a proxy stands for; everything else is itself. */
const raw = value => (value !== null && typeof value === 'object' ? raws.get(value) ?? value : value);

/** The kind of a driver's object, by its class or one above it; drivers are subclassed. */
function kindOf(value) {
  if (value === null || typeof value !== 'object') return undefined;
  for (let prototype = Object.getPrototypeOf(value); prototype && prototype !== Object.prototype; prototype = Object.getPrototypeOf(prototype)) {
    const { name } = prototype.constructor ?? {};
    if (Object.hasOwn(KINDS, name)) return KINDS[name];
    if (/Cursor$/.test(name) && typeof value.next === 'function') return 'cursor';
    if (name === 'ChangeStream') return 'stream';
  }
  return undefined;
}

/** Whether an aggregation ends by writing a collection. */
const commandsWrite = commands => commands.some(({ command }) => {
  const last = Array.isArray(command.pipeline) ? command.pipeline.at(-1) : undefined;
  return last !== null && typeof last === 'object' && ('$out' in last || '$merge' in last);
});

/** Whether a cursor has nothing on the server that would have to be closed. */
const isExhausted = cursor => cursor.closed === true || (cursor.id ?? undefined) === undefined || cursor.id.isZero?.() === true;

/** Handles of one run; the same object has the same handle. */
class Handles {
  constructor(run) {
    this.run = run;
    this.known = new WeakMap();
    this.origins = new WeakMap();
    /** Cursors that are open on the server. */
    this.cursors = new Set();
    this.streams = new Map();
    /** Aggregations that write, until somebody iterates them. */
    this.writing = new Map();
  }

  /** A handle for an object of the driver; anything else stays what it is. */
  of(value, origin) {
    if (Array.isArray(value)) return value.some(one => kindOf(one)) ? value.map(one => this.of(one)) : value;
    const kind = kindOf(value);
    if (kind === undefined || raws.has(value)) return value;
    if (this.known.has(value)) return this.known.get(value);
    const methods = new Map();
    const handle = new Proxy(value, {
      get: (target, name) => {
        const own = Reflect.get(target, name, target);
        // `collection.db` and the like are other ways to the same objects.
        if (typeof own !== 'function' || name === 'constructor') return typeof own === 'object' && name !== 's' && kindOf(own) ? this.of(own) : own;
        // Another function under the same name is another method.
        const made = methods.get(name);
        if (made?.own === own) return made.method;
        const method = this.#method(kind, target, name, own);
        methods.set(name, { own, method });
        return method;
      },
    });
    raws.set(handle, value);
    this.known.set(value, handle);
    if (origin) this.origins.set(value, origin);
    if (kind === 'stream') this.streams.set(value, origin?.label ?? 'a change stream');
    if (origin && commandsWrite(origin.commands)) this.writing.set(value, origin.label);
    return handle;
  }

  /** Closes what a migration left open; gives the change streams, which have no end of their own. */
  async close() {
    for (const cursor of this.cursors) if (!isExhausted(cursor)) await cursor.close().catch(() => {});
    const left = [...this.streams].filter(([stream]) => stream.closed !== true);
    for (const [stream] of left) await stream.close().catch(() => {});
    return left.map(([, label]) => label);
  }

  /** Aggregations that write and that nobody iterated. */
  unconsumed() {
    return [...this.writing.values()];
  }

  #method(kind, target, name, own) {
    const special = this[`$${kind}`]?.(target, name, own);
    if (special) return this.run.takesCallbacks && CALLED_BACK[kind]?.has(name) ? calledBack(special, name) : special;
    const at = METHODS[kind]?.[name];
    if (at === undefined) return (...args) => this.of(own.apply(target, args.map(raw)));
    return (...args) => this.#operate(kind, target, name, own, at, args.map(raw));
  }

  #operate(kind, target, name, own, at, args) {
    const { run } = this;
    // Drivers up to version 4 take a callback; others have nothing to do with a function at the end.
    const callback = run.takesCallbacks && typeof args.at(-1) === 'function' ? args.pop() : undefined;
    const given = this.#withOptions(kind, name, args, at);
    const commands = commandsOf(kind, name, target, args);
    const database = target.dbName ?? target.databaseName ?? target.s?.namespace?.db ?? 'admin';
    const on = target.collectionName ?? target.databaseName;
    const label = on ? `${name} on ${on}` : name;
    if (LAZY.has(name)) return this.of(own.apply(target, given), { label, database, commands });
    const sent = run.send(label, database, commands, () => own.apply(target, given)).then(result => this.of(result));
    if (!callback) return sent;
    sent.then(result => callback(undefined, result), error => callback(error));
    return undefined;
  }

  /** Arguments with the transaction's session in the options, and the run's comment. */
  #withOptions(kind, name, args, at) {
    const { transaction, comment } = this.run;
    const copy = [...args];
    // What is left out stays left out: whether it may be, the driver says.
    while (copy.length < at) copy.push(undefined);
    const options = copy[at] !== null && typeof copy[at] === 'object' ? { ...copy[at] } : {};
    if (options.session !== undefined) options.session = raw(options.session);
    if (transaction) {
      if (options.session && options.session !== transaction.session) {
        const error = new Unusable(`${name} has a session of its own, and so is not part of the migration's transaction`, 'leave the session out: Whimbrel adds that of the transaction; or `export const transaction = false`');
        this.run.doom(error);
        throw error;
      }
      options.session = transaction.session;
    }
    if (comment && !RAW.has(name) && kind !== 'admin' && options.comment === undefined) options.comment = comment;
    copy[at] = options;
    return copy;
  }

  $client(target, name, own) {
    // The application goes on with its client.
    if (name === 'close') return async () => {};
    if (name === 'connect') return async () => this.of(await own.apply(target));
    if (name === 'withSession') {
      return (...args) => {
        const work = args.pop();
        return this.run.track('withSession', () => own.apply(target, [...args.map(raw), session => work(this.of(session))]));
      };
    }
    return undefined;
  }

  $session(target, name, own) {
    if (name === 'withTransaction') {
      // Not in turn: what is done inside takes turns itself.
      return (work, ...rest) => this.run.track(name, () => own.call(target, () => work(this.of(target)), ...rest));
    }
    if (name === 'commitTransaction') return (...args) => this.run.follow(name, () => own.apply(target, args));
    return undefined;
  }

  $operators(target, name, own) {
    // What selects documents gives the bulk operation back.
    return (...args) => this.of(own.apply(target, args.map(raw)));
  }

  /** Asks the server for more of a cursor; the first time that is what it was made for. */
  async #fetch(target, call) {
    const { run } = this;
    this.writing.delete(target);
    const origin = this.origins.get(target);
    const label = origin?.label ?? 'a cursor';
    const isFirst = origin !== undefined && !origin.isSent;
    if (isFirst) origin.isSent = true;
    try {
      return await (isFirst ? run.send(label, origin.database, origin.commands, call) : run.follow(label, call));
    } finally {
      if (isExhausted(target)) this.cursors.delete(target);
      else this.cursors.add(target);
    }
  }

  $cursor(target, name, own) {
    const isBuffered = () => typeof target.bufferedCount === 'function' && target.bufferedCount() > 0;
    const next = () => (isBuffered() ? target.next() : this.#fetch(target, () => target.next()));
    const { cursors } = this;
    async function* documents() {
      try {
        for (let document = await next(); document !== null; document = await next()) yield document;
      } finally {
        cursors.delete(target);
        await target.close().catch(() => {});
      }
    }
    if (name === 'next') return () => next();
    if (name === Symbol.asyncIterator) return documents;
    if (name === 'toArray') {
      return async () => {
        const all = [];
        for await (const document of documents()) all.push(document);
        return all;
      };
    }
    if (name === 'forEach') {
      return async work => {
        for await (const document of documents()) if (work(document) === false) break;
      };
    }
    if (name === 'stream') {
      return ({ transform } = {}) => Readable.from((async function* () {
        for await (const document of documents()) yield transform ? transform(document) : document;
      })());
    }
    if (name === 'close') {
      return (...args) => {
        cursors.delete(target);
        return own.apply(target, args);
      };
    }
    if (name === 'clone') return (...args) => this.of(own.apply(target, args), { ...this.origins.get(target), isSent: false });
    if (name === 'rewind') {
      return (...args) => {
        const origin = this.origins.get(target);
        if (origin) origin.isSent = false;
        return this.of(own.apply(target, args));
      };
    }
    if (FETCHES.has(name)) return (...args) => (name === 'hasNext' && isBuffered() ? own.apply(target, args) : this.#fetch(target, () => own.apply(target, args)));
    return undefined;
  }

  $stream(target, name, own) {
    if (name !== 'next' && name !== 'tryNext' && name !== 'hasNext') return undefined;
    return (...args) => {
      this.run.check();
      return own.apply(target, args);
    };
  }
}

/** A driver whose classes were renamed, as bundlers do, cannot be told apart: nothing of it would be fenced. */
function assertKnown(client) {
  const db = client.db('admin');
  if (kindOf(client) === 'client' && kindOf(db) === 'db' && kindOf(db.collection('x')) === 'collection' && kindOf(db.collection('x').find()) === 'cursor') return;
  throw new WhimbrelError('the driver of the client has other names than those it was published with, as after bundling', {
    code: 'CLIENT_UNSUPPORTED', hints: ['leave mongodb out of the bundle, or give `uri` instead of the client'],
  });
}

module.exports = { Handles, assertKnown };

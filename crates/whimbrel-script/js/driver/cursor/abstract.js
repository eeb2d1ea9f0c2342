// What all cursors share: lazy, consumed once, closed when the migration ends.
//
// Nothing is sent until the first document is asked for, so `await coll.aggregate([… $merge])` without iteration does
// nothing, as with the driver. Batches come from Rust; documents are handed out here. A subclass gives `request()`, the
// command and how it is sent.

import { Long } from '../../bson/index.js';
import { dressed, mending, sessionHandle, throwIfAborted } from '../command.js';
import { TypedEventEmitter } from '../emitter.js';
import { MongoAPIError, MongoCursorExhaustedError, MongoCursorInUseError, MongoTailableCursorError, invalid } from '../errors.js';
import { ops, perform } from '../operation.js';
import { flagsOf } from '../options.js';
import { ASYNC_DISPOSE, INSPECT, hide } from '../symbols.js';
import { ReadConcern } from '../values/concerns.js';
import { CURSOR_FLAGS } from '../values/enums.js';
import { ReadPreference } from '../values/read_preference.js';
import { streamOf } from './stream.js';

export class AbstractCursor extends TypedEventEmitter {
  static CLOSE = 'close';

  #handle = 0;
  #id;
  #buffer = [];
  #at = 0;
  #isStarted = false;
  #isClosed = false;
  #isKilled = false;
  #hasSaidClose = false;
  #transform = null;
  /** The batch that is being fetched, for whoever asks for the next at the same time. */
  #fetching = null;

  constructor(scope, options = {}) {
    super();
    hide(this, { scope, given: { ...options }, label: 'cursor' });
    // A signal that is none is told at once, as is one that comes later.
    options.signal?.addEventListener('abort', () => { void this.close(); }, { once: true });
  }

  [INSPECT]() { return `${this.constructor.name} { ${this.namespace} }`; }

  get id() { return this.#id; }
  get namespace() { return this.scope.namespace; }
  get readPreference() { return this.given.readPreference ?? ReadPreference.primary; }
  get readConcern() { return this.given.readConcern; }
  get session() { return this.given.session; }
  /** Whether there is nothing left: a cursor that is closed still hands out what it has. */
  get closed() { return this.#isClosed && this.#isEmpty; }
  get killed() { return this.#isKilled; }
  get loadBalanced() { return false; }

  bufferedCount() { return this.#buffer.length - this.#at; }

  readBufferedDocuments(number) {
    const count = Math.min(number ?? this.bufferedCount(), this.bufferedCount());
    if (count <= 0) return [];
    const documents = this.#buffer.slice(this.#at, this.#at + count);
    this.#at += documents.length;
    return documents.map(document => this.#shown(document));
  }

  // --- settings, before anything was sent

  requireUnstarted() {
    if (this.#isStarted) throw new MongoCursorInUseError();
  }

  set(name, value) {
    this.requireUnstarted();
    this.given[name] = value;
    return this;
  }

  batchSize(value) {
    this.requireUnstarted();
    if (this.given.tailable) throw new MongoTailableCursorError('Tailable cursor does not support batchSize');
    if (typeof value !== 'number') throw invalid('Operation "batchSize" requires an integer');
    return this.set('batchSize', value);
  }

  maxTimeMS(value) {
    this.requireUnstarted();
    if (typeof value !== 'number') throw invalid('Argument for maxTimeMS must be a number');
    return this.set('maxTimeMS', value);
  }

  addCursorFlag(flag, value) {
    this.requireUnstarted();
    if (!CURSOR_FLAGS.includes(flag)) throw invalid(`Flag ${flag} is not one of ${CURSOR_FLAGS}`);
    if (typeof value !== 'boolean') throw invalid(`Flag ${flag} must be a boolean value`);
    return this.set(flag, value);
  }

  withReadPreference(readPreference) {
    this.requireUnstarted();
    if (readPreference instanceof ReadPreference) return this.set('readPreference', readPreference);
    if (typeof readPreference === 'string') return this.set('readPreference', ReadPreference.fromString(readPreference));
    throw invalid(`Invalid read preference: ${readPreference}`);
  }

  withReadConcern(readConcern) {
    this.requireUnstarted();
    const resolved = ReadConcern.fromOptions({ readConcern });
    return resolved ? this.set('readConcern', resolved) : this;
  }

  map(transform) {
    this.requireUnstarted();
    const before = this.#transform;
    this.#transform = before ? document => transform(before(document)) : transform;
    return this;
  }

  // --- fetching

  async #open() {
    this.#isStarted = true;
    this.willOpen();
    const { given, scope } = this;
    throwIfAborted(given.signal);
    const request = this.request();
    const session = sessionHandle(scope.client, given);
    const flags = flagsOf(given);
    const mend = mending('read', given);
    if (request.explain) {
      const command = { explain: request.command, ...request.explain };
      const reply = await perform(this.label, native => native.command(scope.database, command, 'read', session, flags), { mend });
      return { handle: 0, id: '0', documents: [reply], done: true };
    }
    const command = dressed(request.command, given);
    const batch = await perform(this.label, native => native.open(
      scope.database, command, wholeBatch(request.batchSize), request.kind ?? 'read', session, flags,
    ), { mend });
    given.session?.noticeReply?.(batch);
    return batch;
  }

  #more() {
    throwIfAborted(this.given.signal);
    // Throws where the session is no longer to be used.
    sessionHandle(this.scope.client, this.given);
    return perform(`next batch of ${this.label}`, native => native.next(this.#handle), { mend: mending('read', this.given) });
  }

  async #fetch() {
    try {
      const batch = this.#isStarted ? await this.#more() : await this.#open();
      this.#handle = batch.handle;
      this.#id = Long.fromString(batch.id ?? String(batch.handle));
      this.#buffer = batch.documents;
      this.#at = 0;
      // Used up on the server: what is left is in the buffer.
      if (this.#isDead) await this.close();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  get #isDead() { return this.#id?.isZero() ?? false; }
  get #isEmpty() { return this.#at >= this.#buffer.length; }

  /** Whether there is a document in the buffer; asks for one batch, or with `isPatient` for as many as it takes. */
  async #fill(isPatient) {
    while (this.#isEmpty) {
      if (this.#isClosed) return false;
      this.#fetching ??= this.#fetch().finally(() => { this.#fetching = null; });
      await this.#fetching;
      // Waiting for documents that may come some day is nothing for work that ends.
      if (this.#isEmpty && this.given.tailable && isPatient) await this.close();
      if (!isPatient) break;
    }
    return !this.#isEmpty;
  }

  /** A document as it leaves the cursor before any transform. */
  #shown(document) { return document; }

  #take() {
    const document = this.#buffer[this.#at];
    this.#buffer[this.#at++] = undefined;
    if (!this.#transform) return document;
    let value;
    try {
      value = this.#transform(document);
    } catch (error) {
      // The driver closes the cursor before it reports this.
      void this.close();
      throw error;
    }
    if (value === null) {
      throw new MongoAPIError('Cursor returned a `null` document, but the cursor is not exhausted.  Mapping '
        + 'documents to `null` is not supported in the cursor transform.');
    }
    return value;
  }

  async hasNext() {
    throwIfAborted(this.given.signal);
    if (this.#isKilled) return false;
    return this.#fill(true);
  }

  async next() {
    this.#refuseKilled();
    return (await this.#fill(true)) ? this.#take() : null;
  }

  async tryNext() {
    this.#refuseKilled();
    return (await this.#fill(false)) ? this.#take() : null;
  }

  #refuseKilled() {
    throwIfAborted(this.given.signal);
    if (this.#isKilled) throw new MongoCursorExhaustedError();
  }

  async toArray() {
    throwIfAborted(this.given.signal);
    const documents = [];
    while (!this.#isKilled && await this.#fill(true)) {
      while (!this.#isEmpty) {
        // A transform may give a promise.
        documents.push(this.#transform ? await this.#take() : this.#take());
      }
    }
    return documents;
  }

  async forEach(iterator) {
    if (typeof iterator !== 'function') throw invalid('Argument "iterator" must be a function');
    // As the driver: what the function returns is not awaited.
    for await (const document of this) {
      if (iterator(document) === false) break;
    }
  }

  async *[Symbol.asyncIterator]() {
    throwIfAborted(this.given.signal);
    try {
      while (!this.#isKilled && await this.#fill(true)) yield this.#take();
    } finally {
      // With everything here already, there is nothing to give up; what is left can still be read.
      if (!this.#isClosed && !this.#isDead) await this.close();
    }
  }

  stream() { return streamOf(this); }

  // --- the end

  async [ASYNC_DISPOSE]() { await this.close(); }

  async close() {
    const isOpen = this.#handle !== 0 && !this.#isDead;
    const wasClosed = this.#isClosed;
    this.#isClosed = true;
    this.willOpen();
    if (isOpen) {
      this.#isKilled = true;
      this.#id = Long.ZERO;
      // The engine's own work: nobody has to await it.
      await ops.close(this.#handle).catch(() => {});
    }
    this.#handle = 0;
    if (!wasClosed && !this.#hasSaidClose) {
      this.#hasSaidClose = true;
      this.emit('close');
    }
  }

  /** Makes the cursor as new; its settings stay. */
  rewind() {
    if (!this.#isStarted) return;
    if (this.#handle !== 0 && !this.#isClosed) void ops.close(this.#handle).catch(() => {});
    this.#handle = 0;
    this.#id = undefined;
    this.#buffer = [];
    this.#at = 0;
    this.#isStarted = false;
    this.#isClosed = false;
    this.#isKilled = false;
    this.#hasSaidClose = false;
  }

  /** Called when the command is about to be sent, or never will be. */
  willOpen() {}
}

/** The size of later batches as Rust takes it; 0 leaves it to the server. */
function wholeBatch(size) {
  return Number.isInteger(size) && size > 0 && size < 2 ** 31 ? size : 0;
}

/** A cursor whose command can be explained. */
export class ExplainableCursor extends AbstractCursor {}

/** The arguments of `cursor.explain(verbosity, { timeoutMS })`, either of which may be left out. */
export function explainArguments(verbosity, options) {
  const isOptions = verbosity !== null && typeof verbosity === 'object' && !('verbosity' in verbosity) && options === undefined;
  return { explain: isOptions ? true : verbosity ?? true, timeoutMS: (isOptions ? verbosity : options)?.timeoutMS };
}

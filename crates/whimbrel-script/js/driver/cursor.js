// Cursors: lazy, consumed once, closed when the migration ends.
//
// Nothing is sent until the first document is asked for, so `await coll.aggregate([… $merge])` without
// iteration does nothing, as with the driver. Batches come from Rust; documents are handed out here.

import { MongoAPIError, MongoCursorExhaustedError, MongoCursorInUseError, invalid, notOffered } from './errors.js';
import { deprecate, ops, perform, pick } from './operation.js';
import { formatSort } from './shapes.js';

const aggregationsNotRun = new Set();

/** Descriptions of aggregations with $merge or $out that nobody iterated. */
export function unconsumedAggregations() {
  return [...aggregationsNotRun].map(cursor => cursor.label);
}

/** What all cursors share. A subclass gives `command()`. */
export class AbstractCursor {
  #handle = 0;
  #buffer = [];
  #at = 0;
  #started = false;
  #exhausted = false;
  #closed = false;
  #transform = null;

  constructor(db, label, options = {}) {
    this.db = db;
    this.label = label;
    this.options = { ...options };
    for (const name of ['db', 'label', 'options']) Object.defineProperty(this, name, { enumerable: false });
  }

  get closed() { return this.#closed; }
  get killed() { return this.#closed && !this.#exhausted; }
  get id() { return this.#handle || undefined; }
  get namespace() { return this.db.namespaceOf(this.collectionName); }

  get session() { return this.options.session; }
  bufferedCount() { return this.#buffer.length - this.#at; }
  readBufferedDocuments(count = this.bufferedCount()) {
    const documents = this.#buffer.slice(this.#at, this.#at + count);
    this.#at += documents.length;
    return documents;
  }

  requireUnstarted() {
    if (this.#started) throw new MongoCursorInUseError('Cursor is already initialized');
  }

  set(name, value) {
    this.requireUnstarted();
    this.options[name] = value;
    return this;
  }

  batchSize(value) { return this.set('batchSize', value); }
  maxTimeMS(value) {
    if (typeof value !== 'number') throw invalid('Argument for maxTimeMS must be a number');
    return this.set('maxTimeMS', value);
  }
  comment(value) { return this.set('comment', value); }
  addCursorFlag(flag, value) {
    if (!['tailable', 'oplogReplay', 'noCursorTimeout', 'awaitData', 'exhaust', 'partial'].includes(flag)) {
      throw invalid(`Flag ${flag} is not one of tailable,oplogReplay,noCursorTimeout,awaitData,exhaust,partial`);
    }
    if (typeof value !== 'boolean') throw invalid(`Flag ${flag} must be a boolean value`);
    return this.set(flag, value);
  }
  withReadPreference(value) { return this.set('readPreference', value); }
  withReadConcern(value) { return this.set('readConcern', value); }

  map(transform) {
    this.requireUnstarted();
    const before = this.#transform;
    this.#transform = before ? document => transform(before(document)) : transform;
    return this;
  }

  stream() {
    throw notOffered('cursor.stream()', 'iterate with `for await (const document of cursor)`');
  }

  async #fill() {
    while (this.#at >= this.#buffer.length) {
      if (this.#exhausted || this.#closed) return false;
      let batch;
      if (!this.#started) {
        this.#started = true;
        aggregationsNotRun.delete(this);
        const { command, batchSize } = this.command();
        batch = await perform(this.label, ops => ops.open(
          this.db.databaseName, command, batchSize ?? 0, this.kind ?? 'read', this.db.sessionOf(this.options),
        ));
        this.#handle = batch.handle;
      } else {
        try {
          batch = await perform(`next batch of ${this.label}`, ops => ops.next(this.#handle));
        } catch (error) {
          this.#closed = true;
          throw error;
        }
      }
      this.#buffer = batch.documents;
      this.#at = 0;
      this.#exhausted = batch.done;
    }
    return true;
  }

  #take() {
    const document = this.#buffer[this.#at];
    this.#buffer[this.#at++] = undefined;
    if (!this.#transform) return document;
    const value = this.#transform(document);
    if (value === null) {
      throw new MongoAPIError('Cursor returned a `null` document, but the cursor is not exhausted.  Mapping '
        + 'documents to `null` is not supported in the cursor transform.');
    }
    return value;
  }

  async hasNext() { return this.#fill(); }

  async next() {
    if (this.#closed && !this.#exhausted) throw new MongoCursorExhaustedError('Cursor is exhausted');
    if (await this.#fill()) return this.#take();
    await this.close();
    return null;
  }

  async tryNext() {
    return this.next();
  }

  async toArray() {
    const documents = [];
    while (await this.#fill()) {
      while (this.#at < this.#buffer.length) {
        // A transform may give a promise.
        documents.push(this.#transform ? await this.#take() : this.#take());
      }
    }
    await this.close();
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
    try {
      while (await this.#fill()) yield this.#take();
    } finally {
      await this.close();
    }
  }

  async [Symbol.asyncDispose]() { await this.close(); }

  async close() {
    const open = this.#handle !== 0 && !this.#exhausted && !this.#closed;
    this.#closed = true;
    aggregationsNotRun.delete(this);
    this.#buffer = [];
    this.#at = 0;
    // The engine's own work: nobody has to await it.
    if (open) await ops.close(this.#handle).catch(() => {});
  }

  rewind() {
    if (!this.#started) return;
    const handle = this.#handle;
    if (handle !== 0 && !this.#exhausted) void ops.close(handle).catch(() => {});
    this.#handle = 0;
    this.#buffer = [];
    this.#at = 0;
    this.#started = false;
    this.#exhausted = false;
    this.#closed = false;
  }

  watchUnconsumed() { aggregationsNotRun.add(this); }
}

/** The batch size of later batches as Rust takes it; 0 leaves it to the server. */
function wholeBatch(size) {
  return Number.isInteger(size) && size > 0 && size < 2 ** 31 ? size : 0;
}

/** A filter as the driver takes it: an ObjectId alone means the document with that `_id`. */
function filterOf(filter) {
  if (filter === undefined || filter === null) return {};
  if (typeof filter !== 'object' || Array.isArray(filter)) throw invalid('Query filter must be a plain object or ObjectId');
  return filter._bsontype === 'ObjectId' ? { _id: filter } : filter;
}

/** Options that may be written in short. */
function normalized(options) {
  const fields = list => Object.fromEntries(list.map(key => [key, 1]));
  if (Array.isArray(options.projection)) options.projection = options.projection.length > 0 ? fields(options.projection) : { _id: 1 };
  if (Array.isArray(options.hint)) options.hint = fields(options.hint);
  if (typeof options.readConcern === 'string') options.readConcern = { level: options.readConcern };
  return options;
}

const FIND_OPTIONS = ['hint', 'skip', 'singleBatch', 'comment', 'maxTimeMS', 'max', 'min', 'returnKey', 'showRecordId',
  'tailable', 'oplogReplay', 'noCursorTimeout', 'awaitData', 'allowPartialResults', 'collation', 'allowDiskUse', 'let',
  'projection', 'readConcern'];

export class FindCursor extends AbstractCursor {
  constructor(collection, filter, options) {
    super(collection.db, `find on ${collection.collectionName}`, options);
    this.collectionName = collection.collectionName;
    this.criteria = filterOf(filter);
    for (const name of ['collectionName', 'criteria']) Object.defineProperty(this, name, { enumerable: false });
  }

  command() {
    const { limit, batchSize, sort, partial } = this.options;
    const command = { find: this.collectionName, filter: this.criteria };
    const order = formatSort(sort);
    if (order) command.sort = order;
    Object.assign(command, normalized(pick(this.options, FIND_OPTIONS)));
    if (partial) command.allowPartialResults = true;
    if (typeof limit === 'number' && limit !== 0) {
      command.limit = Math.abs(limit);
      if (limit < 0) command.singleBatch = true;
    }
    if (typeof batchSize === 'number') {
      if (batchSize < 0) {
        command.limit = Math.abs(batchSize);
        command.singleBatch = true;
      } else {
        // A first batch of exactly `limit` leaves a cursor open that has nothing more to give.
        command.batchSize = batchSize === command.limit ? batchSize + 1 : batchSize;
      }
    }
    return { command, batchSize: wholeBatch(batchSize) };
  }

  clone() { return new FindCursor({ db: this.db, collectionName: this.collectionName }, this.criteria, this.options); }

  filter(filter) { this.requireUnstarted(); this.criteria = filterOf(filter); return this; }
  sort(sort, direction) {
    this.requireUnstarted();
    this.options.sort = formatSort(sort, direction);
    return this;
  }
  limit(value) {
    if (typeof value !== 'number') throw invalid('Operation "limit" requires an integer');
    return this.set('limit', value);
  }
  skip(value) {
    if (typeof value !== 'number') throw invalid('Operation "skip" requires an integer');
    return this.set('skip', value);
  }
  project(value) { return this.set('projection', value); }
  hint(value) { return this.set('hint', value); }
  min(value) { return this.set('min', value); }
  max(value) { return this.set('max', value); }
  returnKey(value) { return this.set('returnKey', value); }
  showRecordId(value) { return this.set('showRecordId', value); }
  collation(value) { return this.set('collation', value); }
  allowDiskUse(value = true) { return this.set('allowDiskUse', value); }
  maxAwaitTimeMS(value) { return this.set('maxAwaitTimeMS', value); }
  addQueryModifier(name, value) {
    if (!name.startsWith('$')) throw invalid(`${name} is not a valid query modifier`);
    return this.set({ $query: 'filter', $orderby: 'sort', $maxTimeMS: 'maxTimeMS' }[name] ?? name.slice(1), value);
  }

  async count(options) {
    deprecate('cursor.count()', 'collection.countDocuments()');
    const reply = await this.db.runCommand(
      { count: this.collectionName, query: this.criteria, ...pick(this.options, ['hint', 'limit', 'skip', 'maxTimeMS']) },
      { ...this.options, ...options }, 'read', `count on ${this.collectionName}`,
    );
    return reply.n;
  }

  async explain(verbosity = 'allPlansExecution') {
    const { command } = this.command();
    return this.db.runCommand({ explain: command, verbosity }, this.options, 'read', this.label);
  }
}

const AGGREGATE_OPTIONS = ['allowDiskUse', 'bypassDocumentValidation', 'maxTimeMS', 'collation', 'hint', 'let', 'comment',
  'readConcern', 'writeConcern'];

export class AggregationCursor extends AbstractCursor {
  constructor(db, target, pipeline, options) {
    super(db, `aggregate on ${typeof target === 'string' ? target : 'the database'}`, options);
    this.target = target;
    this.collectionName = typeof target === 'string' ? target : '$cmd.aggregate';
    this.pipeline = [...pipeline];
    for (const name of ['target', 'collectionName', 'pipeline']) Object.defineProperty(this, name, { enumerable: false });
    if (this.writes()) this.watchUnconsumed();
  }

  writes() {
    const last = this.pipeline[this.pipeline.length - 1];
    return last !== null && typeof last === 'object' && ('$out' in last || '$merge' in last);
  }

  get kind() { return this.writes() ? 'write-plain' : 'read'; }

  command() {
    const batchSize = this.writes() ? undefined : this.options.batchSize;
    const cursor = typeof batchSize === 'number' ? { batchSize } : {};
    return {
      command: { aggregate: this.target, pipeline: this.pipeline, ...normalized(pick(this.options, AGGREGATE_OPTIONS)), cursor },
      batchSize: wholeBatch(batchSize),
    };
  }

  clone() { return new AggregationCursor(this.db, this.target, this.pipeline, this.options); }

  addStage(stage) {
    this.requireUnstarted();
    this.pipeline.push(stage);
    if (this.writes()) this.watchUnconsumed();
    return this;
  }
  match(stage) { return this.addStage({ $match: stage }); }
  project(stage) { return this.addStage({ $project: stage }); }
  group(stage) { return this.addStage({ $group: stage }); }
  sort(stage) { return this.addStage({ $sort: stage }); }
  limit(stage) { return this.addStage({ $limit: stage }); }
  skip(stage) { return this.addStage({ $skip: stage }); }
  unwind(stage) { return this.addStage({ $unwind: stage }); }
  lookup(stage) { return this.addStage({ $lookup: stage }); }
  out(stage) { return this.addStage({ $out: stage }); }
  redact(stage) { return this.addStage({ $redact: stage }); }
  geoNear(stage) { return this.addStage({ $geoNear: stage }); }

  async explain(verbosity = 'queryPlanner') {
    aggregationsNotRun.delete(this);
    const { command } = this.command();
    return this.db.runCommand({ explain: command, verbosity }, this.options, 'read', this.label);
  }
}

/** listCollections, listIndexes and cursors over any other command. */
export class CommandCursor extends AbstractCursor {
  #command;

  constructor(db, collectionName, label, command, options) {
    super(db, label, options);
    this.collectionName = collectionName;
    Object.defineProperty(this, 'collectionName', { enumerable: false });
    this.#command = command;
  }

  command() {
    const { batchSize } = this.options;
    // A command of the script's own is sent as it is.
    const cursor = this.collectionName === '$cmd' ? {} : { cursor: batchSize ? { batchSize } : {} };
    return { command: { ...this.#command, ...cursor }, batchSize: wholeBatch(batchSize) };
  }

  clone() { return new CommandCursor(this.db, this.collectionName, this.label, this.#command, this.options); }
}

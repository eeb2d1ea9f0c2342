// `FindCursor`.

import { explainOf, send, tail } from '../command.js';
import { invalid, MongoTailableCursorError } from '../errors.js';
import { count } from '../counts.js';
import { deprecate } from '../operation.js';
import { formatHint, formatSort } from '../shapes.js';
import { SCOPE } from '../symbols.js';
import { ExplainableCursor, explainArguments } from './abstract.js';

/** A filter as the driver takes it: an ObjectId alone means the document with that `_id`. */
function filterOf(filter) {
  if (filter === null || filter === undefined) return filter;
  if (typeof filter !== 'object' || Array.isArray(filter)) throw invalid('Query filter must be a plain object or ObjectId');
  return filter._bsontype === 'ObjectId' ? { _id: filter } : filter;
}

function projectionOf(projection) {
  if (!Array.isArray(projection)) return projection;
  return projection.length > 0 ? Object.fromEntries(projection.map(field => [field, 1])) : { _id: 1 };
}

/** Old query modifiers and what they set. */
const MODIFIERS = {
  $comment: 'comment', $explain: 'explain', $hint: 'hint', $max: 'max', $maxTimeMS: 'maxTimeMS', $min: 'min', $orderby: 'sort',
  $query: 'filter', $returnKey: 'returnKey', $showDiskLoc: 'showRecordId',
};

export class FindCursor extends ExplainableCursor {
  #filter;

  constructor(scope, filter, options = {}) {
    super(scope, options);
    this.#filter = filter;
    this.label = `find on ${scope.namespace.collection}`;
    if (this.given.sort != null) this.given.sort = formatSort(this.given.sort);
  }

  #command() {
    const { given, scope } = this;
    const command = { find: scope.namespace.collection, filter: filterOf(this.#filter) };
    if (given.sort) command.sort = formatSort(given.sort);
    if (given.projection) command.projection = projectionOf(given.projection);
    if (given.hint) command.hint = formatHint(given.hint);
    if (typeof given.skip === 'number') command.skip = given.skip;
    addLimits(command, given);
    if (typeof given.singleBatch === 'boolean') command.singleBatch = given.singleBatch;
    if (given.comment !== undefined) command.comment = given.comment;
    if (given.max) command.max = given.max;
    if (given.min) command.min = given.min;
    for (const name of ['returnKey', 'showRecordId', 'tailable', 'oplogReplay']) {
      if (typeof given[name] === 'boolean') command[name] = given[name];
    }
    if (typeof given.timeout === 'boolean') command.noCursorTimeout = !given.timeout;
    else if (typeof given.noCursorTimeout === 'boolean') command.noCursorTimeout = given.noCursorTimeout;
    for (const name of ['awaitData', 'allowPartialResults', 'allowDiskUse']) {
      if (typeof given[name] === 'boolean') command[name] = given[name];
    }
    if (given.let) command.let = given.let;
    return { ...command, ...tail(given, { reads: true }) };
  }

  request() {
    return { command: this.#command(), batchSize: this.given.batchSize, explain: explainOf(this.given.explain) };
  }

  clone() {
    const { signal, ...options } = this.given;
    return new FindCursor(this.scope, this.#filter, options);
  }

  filter(filter) {
    this.requireUnstarted();
    this.#filter = filter;
    return this;
  }

  hint(value) { return this.set('hint', value); }
  min(value) { return this.set('min', value); }
  max(value) { return this.set('max', value); }
  returnKey(value) { return this.set('returnKey', value); }
  showRecordId(value) { return this.set('showRecordId', value); }
  comment(value) { return this.set('comment', value); }
  project(value) { return this.set('projection', value); }
  collation(value) { return this.set('collation', value); }

  maxAwaitTimeMS(value) {
    this.requireUnstarted();
    if (typeof value !== 'number') throw invalid('Argument for maxAwaitTimeMS must be a number');
    return this.set('maxAwaitTimeMS', value);
  }

  maxTimeMS(value) { return super.maxTimeMS(value); }

  sort(sort, direction) {
    this.requireUnstarted();
    this.#refuseTailable('sorting');
    return this.set('sort', formatSort(sort, direction));
  }

  allowDiskUse(allow = true) {
    this.requireUnstarted();
    if (!this.given.sort) throw invalid('Option "allowDiskUse" requires a sort specification');
    return this.set('allowDiskUse', allow);
  }

  limit(value) {
    this.requireUnstarted();
    this.#refuseTailable('limit');
    if (typeof value !== 'number') throw invalid('Operation "limit" requires an integer');
    return this.set('limit', value);
  }

  skip(value) {
    this.requireUnstarted();
    this.#refuseTailable('skip');
    if (typeof value !== 'number') throw invalid('Operation "skip" requires an integer');
    return this.set('skip', value);
  }

  #refuseTailable(what) {
    if (this.given.tailable) throw new MongoTailableCursorError(`Tailable cursor does not support ${what}`);
  }

  addQueryModifier(name, value) {
    this.requireUnstarted();
    if (name[0] !== '$') throw invalid(`${name} is not a valid query modifier`);
    const option = MODIFIERS[name];
    if (option === undefined) throw invalid(`Invalid query modifier: ${name}`);
    if (option === 'filter') return this.filter(value);
    return this.set(option, option === 'sort' ? formatSort(value) : value);
  }

  async count(options) {
    deprecate('cursor.count()', 'collection.countDocuments()');
    const { limit, skip, hint, maxTimeMS, collation, readConcern, session } = this.given;
    const given = { limit, skip, hint, maxTimeMS, collation, readConcern, session, ...options };
    return count({ [SCOPE]: this.scope, collectionName: this.scope.namespace.collection }, this.#filter, given);
  }

  async explain(verbosity, options) {
    const { explain, timeoutMS } = explainArguments(verbosity, options);
    const given = { ...this.given, explain, timeoutMS: timeoutMS ?? this.given.timeoutMS };
    return send(this.scope, this.#command(), given, { kind: 'read', label: this.label, takesExplain: true });
  }
}

function addLimits(command, { limit, batchSize }) {
  if (typeof limit === 'number') {
    if (limit < 0) {
      command.limit = -limit;
      command.singleBatch = true;
    } else command.limit = limit;
  }
  if (typeof batchSize !== 'number') return;
  if (batchSize < 0) command.limit = -batchSize;
  // A first batch of exactly `limit` leaves a cursor open that has nothing more to give.
  else command.batchSize = batchSize === command.limit ? batchSize + 1 : batchSize;
}


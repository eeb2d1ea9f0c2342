// Bulk writes: `bulkWrite`, `insertMany` and the two builders, which are all one thing.
//
// Operations are collected, put into batches of one kind, and sent. Rust splits each batch by size and checks before
// every part that the migration may still write; the replies are put together here.

import { mending, refuseExplain, sessionHandle, throwIfAborted } from '../command.js';
import { MongoBatchReExecutionError, MongoBulkWriteError, MongoError, MongoServerError, invalid } from '../errors.js';
import { perform, placeAt } from '../operation.js';
import { resolve, writeFlagsOf } from '../options.js';
import { deleteStatement, requireOperators, updateStatement } from '../shapes.js';
import { SCOPE, hide } from '../symbols.js';
import { BatchType } from '../values/enums.js';
import { WriteConcern } from '../values/concerns.js';
import { STATEMENTS, withId, writeCommand } from '../writes.js';
import { COMMANDS, batchesOf, parse, requireReplacement } from './models.js';
import { BulkWriteResult, WriteConcernError, WriteError, emptyTotals } from './result.js';

/** What one reply adds to the totals. `offset` is the place of its first statement in the batch. */
function addReply(totals, batch, offset, reply) {
  const place = index => batch.originalIndexes[index + offset];
  const upserted = Array.isArray(reply.upserted) ? reply.upserted : [];
  if (batch.batchType === BatchType.INSERT) totals.nInserted += reply.n ?? 0;
  if (batch.batchType === BatchType.DELETE) totals.nRemoved += reply.n ?? 0;
  if (batch.batchType === BatchType.UPDATE) {
    totals.nMatched += (reply.n ?? 0) - upserted.length;
    totals.nModified += reply.nModified ?? 0;
    totals.nUpserted += upserted.length;
  }
  // The driver counts on from the batch's first operation, also where the batch was gathered from several places.
  for (const { index, _id } of upserted) totals.upserted.push({ index: index + offset + batch.originalZeroIndex, _id });
  for (const { index, code, errmsg, errInfo } of reply.writeErrors ?? []) {
    totals.writeErrors.push(new WriteError({ index: place(index), code, errmsg, errInfo, op: batch.operations[index + offset] }));
  }
  if (reply.writeConcernError) totals.writeConcernErrors.push(new WriteConcernError(reply.writeConcernError));
}

/** The error that the totals amount to, if any. */
function errorIn(totals, result) {
  const [first] = totals.writeErrors;
  if (first) {
    const message = first.errmsg ?? 'write operation failed';
    return new MongoBulkWriteError({ message, code: first.code, writeErrors: totals.writeErrors }, result);
  }
  const concern = result.getWriteConcernError();
  return concern && new MongoBulkWriteError(concern, result);
}

async function sendBatch(collection, batch, options, { label, totals }) {
  const kind = COMMANDS[batch.batchType];
  const { database, client } = collection[SCOPE];
  const bypassDocumentValidation = options.bypassDocumentValidation === true ? true : undefined;
  const command = writeCommand(kind, collection.collectionName, { ...options, bypassDocumentValidation });
  delete command[STATEMENTS[kind]];
  if (options.isUnacknowledged && command.writeConcern) command.writeConcern = { w: 1 };
  const concern = options.session?.snapshotConcern?.();
  const session = sessionHandle(client, { ...options, isWrite: true });
  const flags = writeFlagsOf(batch.batchType === BatchType.INSERT ? options : { ...options, checkKeys: false });
  try {
    const parts = await perform(label, ops => ops.write(
      database, { ...command, ...concern }, STATEMENTS[kind], batch.operations, options.isOrdered, session, flags,
    ), { mend: mending('write', options) });
    if (options.isUnacknowledged) return;
    for (const { offset, reply } of parts) addReply(totals, batch, offset, reply);
  } catch (error) {
    if (options.isUnacknowledged && error instanceof MongoServerError) return;
    throw error;
  }
}

/** Sends everything; throws what failed, with what did not. */
async function execute(collection, operations, options, label) {
  throwIfAborted(options.signal);
  const site = new Error();
  const totals = emptyTotals();
  for (const [index, { type, statement }] of operations.entries()) {
    if (type === BatchType.INSERT) totals.insertedIds.push({ index, _id: statement._id });
  }
  const result = () => new BulkWriteResult(totals, options.isOrdered);
  for (const batch of batchesOf(operations, options.isOrdered)) {
    try {
      await sendBatch(collection, batch, options, { label, totals });
    } catch (error) {
      if (!(error instanceof MongoError)) throw error;
      throw placeAt(new MongoBulkWriteError(error, result()), site);
    }
    if (options.isOrdered && totals.writeErrors.length + totals.writeConcernErrors.length > 0) break;
  }
  const error = errorIn(totals, result());
  if (error) throw placeAt(error, site);
  return result();
}

export class BulkOperationBase {
  #collection;
  #options;
  #operations = [];
  #isExecuted = false;
  #label;

  constructor(collection, given, isOrdered, label = `bulkWrite on ${collection.collectionName}`) {
    this.#collection = collection;
    this.#options = { ...given };
    this.#label = label;
    this.isOrdered = isOrdered;
    hide(this, { operationId: undefined });
  }

  get length() { return this.#operations.length; }
  get bsonOptions() { return this.#collection.bsonOptions; }
  get writeConcern() { return WriteConcern.fromOptions(this.#options) ?? this.#collection.writeConcern; }
  get batches() { return batchesOf(this.#operations, this.isOrdered); }

  #addId(document) {
    return withId(this.#collection[SCOPE], document, this.#options);
  }

  insert(document) { return this.addToOperationsList(BatchType.INSERT, this.#addId(document)); }

  find(selector) {
    if (!selector) throw invalid('Bulk find operation must specify a selector');
    return new FindOperators(this, selector);
  }

  raw(operation) {
    const { type, statement } = parse(operation, document => this.#addId(document));
    return this.addToOperationsList(type, statement);
  }

  addToOperationsList(type, statement) {
    if (Array.isArray(statement)) throw invalid('Operation passed in cannot be an Array');
    this.#operations.push({ type, statement });
    return this;
  }

  async execute(given) {
    refuseExplain(given);
    if (this.#isExecuted) throw new MongoBatchReExecutionError();
    const { isOrdered } = this;
    const options = { ...resolve(this.#collection[SCOPE], { ...this.#options, ...given }), isOrdered, ordered: isOrdered };
    if (this.#operations.length === 0) throw invalid('Invalid BulkOperation, Batch cannot be empty');
    this.#isExecuted = true;
    return execute(this.#collection, this.#operations, options, this.#label);
  }
}

/** Stops at the first operation that fails. */
export class OrderedBulkOperation extends BulkOperationBase {
  constructor(collection, options, label) { super(collection, options, true, label); }
}

/** Tries all operations, grouped by kind. */
export class UnorderedBulkOperation extends BulkOperationBase {
  constructor(collection, options, label) { super(collection, options, false, label); }

  /** Throws if anything failed. */
  handleWriteError(writeResult) {
    const error = errorIn(writeResult.result, writeResult);
    if (error) throw error;
  }
}

/** What is to be done with the documents that `find` selected. */
export class FindOperators {
  #selector;
  #options = {};

  constructor(bulkOperation, selector) {
    hide(this, { bulkOperation });
    this.#selector = selector;
  }

  #set(name, value) {
    this.#options[name] = value;
    return this;
  }

  upsert() { return this.#set('upsert', true); }
  collation(collation) { return this.#set('collation', collation); }
  arrayFilters(arrayFilters) { return this.#set('arrayFilters', arrayFilters); }
  hint(hint) { return this.#set('hint', hint); }

  #update(change, isMany) {
    return this.bulkOperation.addToOperationsList(BatchType.UPDATE, updateStatement(this.#selector, change, this.#options, isMany));
  }

  update(change) { return this.#update(change, true); }

  updateOne(change) {
    requireOperators(change);
    return this.#update(change, false);
  }

  replaceOne(replacement) {
    requireReplacement(replacement);
    return this.#update(replacement, false);
  }

  #delete(limit) {
    return this.bulkOperation.addToOperationsList(BatchType.DELETE, deleteStatement(this.#selector, this.#options, limit));
  }

  delete() { return this.#delete(0); }
  deleteOne() { return this.#delete(1); }
}

export function initializeOrdered(collection, options) { return new OrderedBulkOperation(collection, options); }
export function initializeUnordered(collection, options) { return new UnorderedBulkOperation(collection, options); }

export async function bulkWrite(collection, operations, given, label) {
  if (!Array.isArray(operations)) throw invalid('Argument "operations" must be an array of documents');
  refuseExplain(given);
  const Bulk = given?.ordered === false ? UnorderedBulkOperation : OrderedBulkOperation;
  const bulk = new Bulk(collection, given, label);
  for (const operation of operations) bulk.raw(operation);
  return bulk.execute();
}

export async function insertMany(collection, documents, given) {
  if (!Array.isArray(documents)) throw invalid('Argument "docs" must be an array of documents');
  const operations = documents.map(document => ({ insertOne: { document } }));
  const result = await bulkWrite(collection, operations, given, `insertMany on ${collection.collectionName}`);
  const { writeConcern } = resolve(collection[SCOPE], given);
  return { acknowledged: writeConcern?.w !== 0, insertedCount: result.insertedCount, insertedIds: result.insertedIds };
}

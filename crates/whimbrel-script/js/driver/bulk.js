// Bulk writes: from the caller's operations to batches of one kind, and the results back together.
//
// Ordered operations are sent in runs of one kind, unordered ones grouped by kind. Rust splits each
// run by size and checks before every part that the migration may still write.

import { MongoBulkWriteError, WriteError, invalid } from './errors.js';
import { deprecate, perform, pick, placeAt } from './operation.js';
import { requireReplacement, requireUpdate, updateStatement } from './shapes.js';

const KINDS = {
  insert: { field: 'documents' },
  update: { field: 'updates' },
  delete: { field: 'deletes' },
};

/** What a bulk write did. */
export class BulkWriteResult {
  constructor(totals, ordered) {
    Object.defineProperty(this, 'totals', { value: totals, enumerable: false });
    this.insertedCount = totals.nInserted;
    this.matchedCount = totals.nMatched;
    this.modifiedCount = totals.nModified;
    this.deletedCount = totals.nRemoved;
    this.upsertedCount = totals.upserted.length;
    this.upsertedIds = Object.fromEntries(totals.upserted.map(({ index, _id }) => [index, _id]));
    const failed = new Set(totals.writeErrors.map(error => error.index));
    const first = totals.writeErrors[0]?.index ?? Infinity;
    const done = totals.insertedIds.filter(({ index }) => (ordered ? index < first : !failed.has(index)));
    this.insertedIds = Object.fromEntries(done.map(({ index, _id }) => [index, _id]));
  }

  get ok() { return 1; }
  getInsertedIds() { return this.totals.insertedIds; }
  getUpsertedIds() { return this.totals.upserted; }
  getUpsertedIdAt(index) { return this.totals.upserted[index]; }
  hasWriteErrors() { return this.totals.writeErrors.length > 0; }
  getWriteErrorCount() { return this.totals.writeErrors.length; }
  getWriteErrorAt(index) { return this.totals.writeErrors[index]; }
  getWriteErrors() { return this.totals.writeErrors; }
  getWriteConcernError() { return this.totals.writeConcernErrors[0]; }
  isOk() { return true; }
  getRawResponse() { return this.totals; }
}

function deleteStatement(model, limit) {
  return { q: model.filter, limit, ...pick(model, ['hint', 'collation']) };
}

const MODELS = ['insertOne', 'replaceOne', 'updateOne', 'updateMany', 'deleteOne', 'deleteMany', 'removeOne', 'removeMany'];

/** One operation of `bulkWrite` as `{ kind, statement }`. */
function parse(operation, addId) {
  if (operation === null || typeof operation !== 'object') throw invalid('Operation must be an object with an operation key');
  const name = MODELS.find(model => model in operation);
  const model = operation?.[name];
  const requireFilter = () => {
    if (model?.filter === null || typeof model?.filter !== 'object') throw invalid(`${name} requires a filter`);
  };
  switch (name) {
    case 'insertOne': {
      const document = model.document === undefined ? model : model.document;
      return { kind: 'insert', statement: addId(document) };
    }
    case 'replaceOne':
      requireFilter();
      requireReplacement(model.replacement);
      return { kind: 'update', statement: updateStatement(model.filter, model.replacement, model, false) };
    case 'updateOne':
    case 'updateMany':
      requireFilter();
      requireUpdate(model.update);
      return { kind: 'update', statement: updateStatement(model.filter, model.update, model, name === 'updateMany') };
    case 'deleteOne':
    case 'deleteMany':
      requireFilter();
      return { kind: 'delete', statement: deleteStatement(model, name === 'deleteOne' ? 1 : 0) };
    // Old spellings that the driver still takes.
    case 'removeOne':
    case 'removeMany':
      return { kind: 'delete', statement: deleteStatement(model, name === 'removeOne' ? 1 : 0) };
    default:
      throw invalid('bulkWrite only supports insertOne, updateOne, updateMany, deleteOne, deleteMany');
  }
}

/** Groups parsed operations into runs of one kind, remembering each one's place. */
function runsOf(operations, ordered) {
  const runs = [];
  const byKind = new Map();
  operations.forEach(({ kind, statement }, index) => {
    let run = ordered ? runs[runs.length - 1] : byKind.get(kind);
    if (!run || run.kind !== kind) {
      run = { kind, statements: [], places: [] };
      runs.push(run);
      byKind.set(kind, run);
    }
    run.statements.push(statement);
    run.places.push(index);
  });
  return runs;
}

function addReply(totals, run, offset, reply) {
  const place = index => run.places[index + offset];
  const upserted = reply.upserted ?? [];
  if (run.kind === 'insert') totals.nInserted += reply.n ?? 0;
  if (run.kind === 'delete') totals.nRemoved += reply.n ?? 0;
  if (run.kind === 'update') {
    totals.nMatched += (reply.n ?? 0) - upserted.length;
    totals.nModified += reply.nModified ?? 0;
    totals.nUpserted += upserted.length;
  }
  for (const { index, _id } of upserted) totals.upserted.push({ index: place(index), _id });
  for (const error of reply.writeErrors ?? []) {
    const { index, code, errmsg, errInfo } = error;
    totals.writeErrors.push(new WriteError({
      index: place(index), code, errmsg, errInfo, op: run.statements[index + offset],
    }));
  }
  if (reply.writeConcernError) totals.writeConcernErrors.push(reply.writeConcernError);
}

const COMMAND_OPTIONS = ['bypassDocumentValidation', 'let', 'comment', 'writeConcern'];

async function send(collection, operations, given) {
  const options = given ?? {};
  if (operations.length === 0) throw invalid('Invalid BulkOperation, Batch cannot be empty');
  const site = new Error();
  const ordered = Boolean(options.ordered ?? true);
  const totals = {
    ok: 1, writeErrors: [], writeConcernErrors: [], insertedIds: [], nInserted: 0, nUpserted: 0, nMatched: 0, nModified: 0,
    nRemoved: 0, upserted: [],
  };
  operations.forEach(({ kind, statement }, index) => {
    if (kind === 'insert') totals.insertedIds.push({ index, _id: statement instanceof Map ? statement.get('_id') : statement._id });
  });
  for (const run of runsOf(operations, ordered)) {
    const command = { [run.kind]: collection.collectionName, ordered, ...pick(options, COMMAND_OPTIONS) };
    const label = options.label ?? `bulkWrite on ${collection.collectionName}`;
    const replies = await perform(label, ops => ops.write(
      collection.db.databaseName, command, KINDS[run.kind].field, run.statements, ordered, collection.db.sessionOf(options),
    ));
    for (const { offset, reply } of replies) addReply(totals, run, offset, reply);
    if (ordered && totals.writeErrors.length > 0) break;
  }
  const result = new BulkWriteResult(totals, ordered);
  const error = errorOf(totals, result);
  if (error) throw placeAt(error, site);
  return result;
}

function errorOf(totals, result) {
  const { writeErrors } = totals;
  if (writeErrors.length > 0) {
    const message = writeErrors[0].errmsg ?? 'write operation failed';
    return new MongoBulkWriteError({ message, code: writeErrors[0].code, writeErrors }, result);
  }
  const concern = totals.writeConcernErrors[0];
  return concern && new MongoBulkWriteError({ ...concern, message: concern.errmsg }, result);
}

export async function bulkWrite(collection, operations, given) {
  const options = given ?? {};
  if (!Array.isArray(operations)) throw invalid('Argument "operations" must be an array of documents');
  const addId = document => collection.withId(document, options);
  return send(collection, operations.map(operation => parse(operation, addId)), options);
}

export async function insertMany(collection, documents, options = {}) {
  const operations = documents.map(document => ({ kind: 'insert', statement: collection.withId(document, options) }));
  return send(collection, operations, { label: `insertMany on ${collection.collectionName}`, ...options });
}

/** `initializeOrderedBulkOp` and its unordered twin. */
export class BulkOperation {
  #collection;
  #options;
  #operations = [];
  #executed = false;

  constructor(collection, options, ordered) {
    this.#collection = collection;
    this.#options = { ...options, ordered };
  }

  get length() { return this.#operations.length; }

  insert(document) {
    this.#operations.push({ kind: 'insert', statement: this.#collection.withId(document, this.#options) });
    return this;
  }

  raw(operation) {
    this.#operations.push(parse(operation, document => this.#collection.withId(document, this.#options)));
    return this;
  }

  find(filter) {
    if (!filter) throw invalid('Bulk find operation must specify a selector');
    const model = { filter };
    const add = (kind, statement) => {
      this.#operations.push({ kind, statement });
      return this;
    };
    const operators = {
      upsert() { model.upsert = true; return operators; },
      collation(value) { model.collation = value; return operators; },
      hint(value) { model.hint = value; return operators; },
      arrayFilters(value) { model.arrayFilters = value; return operators; },
      update(update) { requireUpdate(update); return add('update', updateStatement(filter, update, model, true)); },
      updateOne(update) { requireUpdate(update); return add('update', updateStatement(filter, update, model, false)); },
      replaceOne(document) { requireReplacement(document); return add('update', updateStatement(filter, document, model, false)); },
      delete() { return add('delete', deleteStatement(model, 0)); },
      deleteOne() { return add('delete', deleteStatement(model, 1)); },
      remove() { deprecate('bulk.find().remove()', 'delete()'); return operators.delete(); },
      removeOne() { deprecate('bulk.find().removeOne()', 'deleteOne()'); return operators.deleteOne(); },
    };
    return operators;
  }

  async execute(options = {}) {
    if (this.#executed) throw invalid('This batch has already been executed, create new batch to execute');
    this.#executed = true;
    return send(this.#collection, this.#operations, { ...this.#options, ...options });
  }
}

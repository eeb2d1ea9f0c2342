// `client.bulkWrite`: writes to several collections, by the server's command of that name.
//
// The command is split by number and size here, because it is one document for Rust. A part is small enough that what the
// server says of it fits into the reply's first batch.

import { refuseExplain, send, throwIfAborted } from './command.js';
import {
  MongoAPIError, MongoClientBulkWriteCursorError, MongoClientBulkWriteError, MongoClientBulkWriteExecutionError, MongoServerError,
  invalid,
} from './errors.js';
import { ops, placeAt } from './operation.js';
import { flagsOf, resolve, writeConcernField } from './options.js';
import { formatSort, hasOperators } from './shapes.js';
import { SCOPE } from './symbols.js';

const MAX_BYTES = 16 * 1024 * 1024 - 16 * 1024;
/** At most so many at once; fewer where the server may have something to say of each. */
const MAX_COUNT = { terse: 100_000, verbose: 20_000 };

function copy(target, model, names) {
  for (const name of names) if (model[name] != null) target[name] = model[name];
  return target;
}

function requireOperators(update) {
  // Of nothing there are no keys: an error of the engine's, as in the driver.
  Object.keys(update);
  if (!hasOperators(update)) {
    throw new MongoAPIError('Client bulk write update models must only contain atomic modifiers (start with $) and must not be empty.');
  }
}

function requireReplacement(replacement) {
  if (Object.keys(replacement).length > 0 && hasOperators(replacement)) {
    throw new MongoAPIError('Client bulk write replace models must not contain atomic modifiers (start with $) and must not be empty.');
  }
}

function update(model, namespace, updateMods, multi) {
  const operation = { update: namespace, multi, filter: model.filter, updateMods };
  if (model.hint) operation.hint = model.hint;
  if (model.upsert) operation.upsert = model.upsert;
  copy(operation, model, ['arrayFilters', 'collation']);
  const sort = multi ? undefined : formatSort(model.sort);
  if (sort) operation.sort = sort;
  return operation;
}

function remove(model, namespace, multi) {
  const operation = { delete: namespace, multi, filter: model.filter };
  if (model.hint) operation.hint = model.hint;
  return copy(operation, model, ['collation']);
}

/** One model as the server takes it. */
function operationOf(model, namespace, pkFactory) {
  switch (model.name) {
    case 'insertOne': {
      const { document } = model;
      document._id ??= pkFactory.createPk();
      return { insert: namespace, document };
    }
    case 'updateOne':
    case 'updateMany':
      requireOperators(model.update);
      return update(model, namespace, model.update, model.name === 'updateMany');
    case 'replaceOne':
      requireReplacement(model.replacement);
      return update(model, namespace, model.replacement, false);
    case 'deleteOne': return remove(model, namespace, false);
    case 'deleteMany': return remove(model, namespace, true);
    default: return undefined;
  }
}

/** Cuts the models into parts: `{ offset, operations, namespaces }`. */
function partsOf(models, { pkFactory, flags, maxCount }) {
  const parts = [];
  let part = null;
  let bytes = 0;
  for (const [index, model] of models.entries()) {
    const place = model.namespace;
    const fits = part !== null && part.operations.length < maxCount;
    let number = fits ? part.namespaces.indexOf(place) : -1;
    if (number === -1) number = fits ? part.namespaces.length : 0;
    const operation = operationOf(model, number, pkFactory);
    const size = operation === undefined ? 16 : ops.serialize(operation, flags).length + String(place).length + 32;
    if (!fits || bytes + size > MAX_BYTES) {
      part = { offset: index, operations: [], namespaces: [] };
      parts.push(part);
      bytes = 0;
      number = 0;
      const key = ['insert', 'update', 'delete'].find(name => operation && name in operation);
      if (key) operation[key] = 0;
    }
    if (number === part.namespaces.length) part.namespaces.push(place);
    part.operations.push(operation);
    bytes += size;
  }
  return parts;
}

function emptyResult(acknowledged, isVerbose) {
  const map = () => (isVerbose ? new Map() : undefined);
  return {
    acknowledged, insertedCount: 0, upsertedCount: 0, matchedCount: 0, modifiedCount: 0, deletedCount: 0,
    insertResults: map(), updateResults: map(), deleteResults: map(),
  };
}

/** What the reply to one part adds to the result; write errors are put into `writeErrors`. */
function addReply(reply, { part, models, result, writeErrors, isVerbose }) {
  result.insertedCount += reply.nInserted ?? 0;
  result.upsertedCount += reply.nUpserted ?? 0;
  result.matchedCount += reply.nMatched ?? 0;
  result.modifiedCount += reply.nModified ?? 0;
  result.deletedCount += reply.nDeleted ?? 0;
  for (const entry of reply.cursor?.firstBatch ?? []) {
    const index = part.offset + entry.idx;
    if (entry.ok === 0) {
      writeErrors.set(index, { code: entry.code, message: entry.errmsg });
      continue;
    }
    if (!isVerbose) continue;
    const operation = part.operations[entry.idx];
    if ('insert' in operation) result.insertResults.set(index, { insertedId: models[index].document._id });
    if ('update' in operation) {
      const facts = { matchedCount: entry.n, modifiedCount: entry.nModified ?? 0, didUpsert: Boolean(entry.upserted) };
      if (entry.upserted) facts.upsertedId = entry.upserted._id;
      result.updateResults.set(index, facts);
    }
    if ('delete' in operation) result.deleteResults.set(index, { deletedCount: entry.n });
  }
}

function commandOf(part, options) {
  const command = {
    bulkWrite: 1, errorsOnly: !options.verboseResults, ordered: options.ordered ?? true, ops: part.operations,
    nsInfo: part.namespaces.map(ns => ({ ns })), bypassDocumentValidation: options.bypassDocumentValidation ?? false,
  };
  if (options.let) command.let = options.let;
  if (options.comment !== undefined) command.comment = options.comment;
  Object.assign(command, writeConcernField(options));
  if (typeof options.maxTimeMS === 'number') command.maxTimeMS = options.maxTimeMS;
  return command;
}

function check(options) {
  if (!options.isUnacknowledged) return;
  if (options.verboseResults) throw invalid('Cannot request unacknowledged write concern and verbose results');
  if (options.ordered ?? true) throw invalid('Cannot request unacknowledged write concern and ordered writes');
}

function failure(message, { site, writeErrors, concernErrors, result, cause }) {
  const error = new MongoClientBulkWriteError({ message });
  error.writeErrors = writeErrors;
  error.writeConcernErrors = concernErrors;
  if (cause) error.cause = cause;
  error.partialResult = result;
  return placeAt(error, site);
}

export async function clientBulkWrite(client, models, given) {
  const site = new Error();
  refuseExplain(given);
  const scope = { ...client[SCOPE], database: 'admin' };
  const options = resolve(scope, given);
  throwIfAborted(options.signal);
  if (models.length === 0) throw new MongoClientBulkWriteExecutionError('No client bulk write models were provided.');
  check(options);
  const isVerbose = options.verboseResults === true;
  const isOrdered = options.ordered ?? true;
  const result = emptyResult(!options.isUnacknowledged, isVerbose);
  const facts = { site, models, result, writeErrors: new Map(), concernErrors: [], isVerbose };
  const maxCount = isVerbose || !isOrdered ? MAX_COUNT.verbose : MAX_COUNT.terse;
  const flags = flagsOf(options) & ~128;
  for (const part of partsOf(models.length > 0 ? [...models] : [], { pkFactory: scope.pkFactory, flags, maxCount })) {
    const isMany = part.operations.some(operation => operation?.multi === true);
    let reply;
    try {
      const kind = isMany ? 'write-plain' : 'write';
      reply = await send(scope, commandOf(part, options), options, { kind, label: 'client.bulkWrite', flags });
    } catch (cause) {
      if (!(cause instanceof MongoServerError)) throw cause;
      throw failure('Mongo client bulk write encountered an error during execution', { ...facts, cause });
    }
    if (options.isUnacknowledged) continue;
    addReply(reply, { ...facts, part });
    const concern = reply.writeConcernError;
    if (concern) facts.concernErrors.push({ code: concern.code, message: concern.errmsg });
    if (reply.cursor?.id && Number(reply.cursor.id) !== 0) {
      throw new MongoClientBulkWriteCursorError('The server\'s answer to a bulk write did not fit into one reply');
    }
    if (isOrdered && facts.writeErrors.size > 0) throw failure('Mongo client ordered bulk write encountered a write error.', facts);
  }
  if (facts.writeErrors.size > 0 || facts.concernErrors.length > 0) {
    throw failure('Mongo client bulk write encountered errors during execution.', facts);
  }
  return result;
}

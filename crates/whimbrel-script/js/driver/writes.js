// Writes to a collection that are one command: inserts, updates, deletes.
//
// The shape of the commands is also that of the parts of a bulk write (`writeCommand`). What a reply with `ok: 1` says
// of a failure is thrown here.

import { refuseExplain, send, tail } from './command.js';
import { MongoServerError, MongoWriteConcernError, invalid } from './errors.js';
import { flagsOf, resolve, writeConcernField } from './options.js';
import { hasOperators, requireOperators, deleteStatement, updateStatement } from './shapes.js';
import { SCOPE } from './symbols.js';

/** The field that holds a command's statements. */
export const STATEMENTS = { insert: 'documents', update: 'updates', delete: 'deletes' };

/** A reply with `ok: 1` can still say that the write failed. */
export function throwWriteError(reply) {
  if (reply.writeConcernError) throw new MongoWriteConcernError(reply);
  if (reply.writeErrors?.[0]) throw new MongoServerError(reply.writeErrors[0]);
}

/** Gives a document an `_id`, on the caller's own object, as the driver does. */
export function withId(scope, document, options) {
  const isServers = typeof options?.forceServerObjectId === 'boolean' ? options.forceServerObjectId : scope.forceServerObjectId;
  if (isServers === true) return document;
  if (document._id === undefined || document._id === null) document._id = scope.pkFactory.createPk();
  return document;
}

/** An `insert`, `update` or `delete` without its statements, from resolved options. */
export function writeCommand(kind, name, options) {
  const command = { [kind]: name };
  if (STATEMENTS[kind]) command[STATEMENTS[kind]] = undefined;
  command.ordered = options.ordered ?? true;
  const { bypassDocumentValidation } = options;
  if (kind !== 'delete' && bypassDocumentValidation != null) command.bypassDocumentValidation = bypassDocumentValidation;
  if (kind !== 'insert' && options.let) command.let = options.let;
  if (options.comment !== undefined) command.comment = options.comment;
  return { ...command, ...writeConcernField(options), ...tail(options, { collates: kind === 'insert' }) };
}

function write(collection, kind, statement, options, { name, isMany = false, takesExplain = false }) {
  const command = writeCommand(kind, collection.collectionName, options);
  command[STATEMENTS[kind]] = [statement];
  return send(collection[SCOPE], command, options, {
    // Statements that touch many documents must not be sent twice.
    kind: isMany ? 'write-plain' : 'write', label: `${name} on ${collection.collectionName}`, check: throwWriteError,
    flags: flagsOf(options), takesExplain,
  });
}

export async function insertOne(collection, document, given) {
  refuseExplain(given);
  const scope = collection[SCOPE];
  const options = resolve(scope, given);
  const own = withId(scope, document, options);
  await write(collection, 'insert', own, options, { name: 'insertOne' });
  return { acknowledged: !options.isUnacknowledged, insertedId: own._id };
}

async function update(collection, statement, options, facts) {
  const reply = await write(collection, 'update', statement, options, facts);
  if (facts.takesExplain && options.explain != null) return reply;
  const upserted = Array.isArray(reply.upserted) ? reply.upserted : [];
  return {
    acknowledged: !options.isUnacknowledged,
    modifiedCount: reply.nModified ?? reply.n,
    upsertedId: upserted.length > 0 ? upserted[0]._id : null,
    upsertedCount: upserted.length,
    matchedCount: upserted.length > 0 ? 0 : reply.n,
  };
}

/** `updateOne` and `updateMany`. */
export async function updateWith(collection, filter, change, given, isMany) {
  const options = resolve(collection[SCOPE], given);
  const statement = updateStatement(filter, change, options, isMany);
  requireOperators(change);
  return update(collection, statement, options, { name: isMany ? 'updateMany' : 'updateOne', isMany, takesExplain: true });
}

export async function replaceOne(collection, filter, replacement, given) {
  refuseExplain(given);
  const options = resolve(collection[SCOPE], given);
  const statement = updateStatement(filter, replacement, options, false);
  if (hasOperators(replacement)) throw invalid('Replacement document must not contain atomic operators');
  return update(collection, statement, options, { name: 'replaceOne' });
}

/** `deleteOne` and `deleteMany`. */
export async function deleteWhere(collection, filter, given, isMany) {
  const options = resolve(collection[SCOPE], given);
  const statement = deleteStatement(filter, options, isMany ? 0 : 1);
  const name = isMany ? 'deleteMany' : 'deleteOne';
  const reply = await write(collection, 'delete', statement, options, { name, isMany, takesExplain: true });
  if (options.explain != null) return reply;
  return { acknowledged: !options.isUnacknowledged, deletedCount: reply.n };
}

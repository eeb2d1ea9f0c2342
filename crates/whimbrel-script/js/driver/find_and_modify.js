// `findOneAndUpdate`, `findOneAndReplace` and `findOneAndDelete`: one command, `findAndModify`.

import { viewOf } from '../bson/bytes.js';
import { send } from './command.js';
import { invalid } from './errors.js';
import { ops } from './operation.js';
import { flagsOf, inDatabase, resolve, writeConcernField } from './options.js';
import { formatSort, hasOperators, requireOperators } from './shapes.js';
import { SCOPE } from './symbols.js';
import { throwWriteError } from './writes.js';

const isObject = value => value !== null && typeof value === 'object';

function modifyCommand(name, filter, options, { remove, update, takesArrayFilters }) {
  const command = { findAndModify: name, query: filter, remove, new: false, upsert: false };
  if (!remove) {
    command.new = options.returnDocument === 'after';
    command.upsert = options.upsert === true;
  }
  const sort = formatSort(options.sort);
  if (sort) command.sort = sort;
  if (options.projection) command.fields = options.projection;
  if (options.maxTimeMS) command.maxTimeMS = options.maxTimeMS;
  Object.assign(command, writeConcernField(options));
  if (options.let) command.let = options.let;
  if (options.comment !== undefined) command.comment = options.comment;
  if (options.collation) command.collation = options.collation;
  if (options.hint) command.hint = options.hint;
  if (remove) return command;
  command.update = update;
  if (options.bypassDocumentValidation === true) command.bypassDocumentValidation = true;
  if (takesArrayFilters && options.arrayFilters) command.arrayFilters = options.arrayFilters;
  return command;
}

async function modify(collection, filter, change, options, name) {
  const command = modifyCommand(collection.collectionName, filter, options, change);
  // The document as bytes: read in its own types, and written again.
  const isRaw = options.raw === true;
  const flags = flagsOf(isRaw ? { ...options, raw: false, promoteValues: false, bsonRegExp: true } : options);
  const reply = await send(inDatabase(collection[SCOPE], options), command, options, {
    kind: 'write', label: `${name} on ${collection.collectionName}`, check: throwWriteError, flags, takesExplain: true,
  });
  if (isRaw && reply.value) reply.value = viewOf(ops.serialize(reply.value, 0));
  return options.includeResultMetadata ? reply : reply.value ?? null;
}

export async function findOneAndUpdate(collection, filter, update, given) {
  if (!isObject(filter)) throw invalid('Argument "filter" must be an object');
  if (!isObject(update)) throw invalid('Argument "update" must be an object');
  requireOperators(update);
  const options = resolve(collection[SCOPE], given);
  return modify(collection, filter, { remove: false, update, takesArrayFilters: true }, options, 'findOneAndUpdate');
}

export async function findOneAndReplace(collection, filter, replacement, given) {
  if (!isObject(filter)) throw invalid('Argument "filter" must be an object');
  if (!isObject(replacement)) throw invalid('Argument "replacement" must be an object');
  if (hasOperators(replacement)) throw invalid('Replacement document must not contain atomic operators');
  const options = resolve(collection[SCOPE], given);
  return modify(collection, filter, { remove: false, update: replacement }, options, 'findOneAndReplace');
}

export async function findOneAndDelete(collection, filter, given) {
  if (!isObject(filter)) throw invalid('Argument "filter" must be an object');
  return modify(collection, filter, { remove: true }, resolve(collection[SCOPE], given), 'findOneAndDelete');
}

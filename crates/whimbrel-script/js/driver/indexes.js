// Indexes of a collection, search indexes among them.

import { refuseExplain, send, tail } from './command.js';
import { MongoServerError } from './errors.js';
import { resolve, writeConcernField } from './options.js';
import { indexKeys, indexName } from './shapes.js';
import { SCOPE } from './symbols.js';

/** What `createIndex` takes out of its options for the index; the rest is for the command, or nobody. */
const INDEX_OPTIONS = new Set(['background', 'unique', 'name', 'partialFilterExpression', 'sparse', 'hidden', 'expireAfterSeconds',
  'storageEngine', 'collation', 'version', 'weights', 'default_language', 'language_override', 'textIndexVersion',
  '2dsphereIndexVersion', 'bits', 'min', 'max', 'bucketSize', 'wildcardProjection']);

const NAMESPACE_NOT_FOUND = 26;

/** An index as the server takes it: options first, then the name and the keys. */
function description({ key, ...options }, takesAny) {
  const index = {};
  for (const [option, value] of Object.entries(options)) {
    if (takesAny || INDEX_OPTIONS.has(option)) index[option === 'version' ? 'v' : option] = value;
  }
  const keys = key instanceof Map ? key : new Map(Object.entries(key));
  index.name ??= indexName(keys);
  index.key = keys;
  return index;
}

async function create(collection, indexes, options, name) {
  const command = { createIndexes: collection.collectionName, indexes };
  if (options.commitQuorum != null) command.commitQuorum = options.commitQuorum;
  Object.assign(command, writeConcernField(options), tail(options, { collates: false }));
  await send(collection[SCOPE], command, options, { kind: 'write-plain', label: `${name} on ${collection.collectionName}` });
  return indexes.map(index => index.name);
}

/** `(spec, options)`, or `(spec, options of the index, options of the command)`. */
export async function createIndex(collection, spec, given, commandOptions) {
  const isSplit = commandOptions !== undefined;
  refuseExplain(isSplit ? commandOptions : given);
  const index = description({ ...given, key: indexKeys(spec) }, isSplit);
  const options = resolve(collection[SCOPE], isSplit ? commandOptions : given);
  return (await create(collection, [index], options, 'createIndex'))[0];
}

export async function createIndexes(collection, specs, given, takesAny = false) {
  refuseExplain(given);
  const options = resolve(collection[SCOPE], { ...given, maxTimeMS: undefined });
  return create(collection, specs.map(spec => description(spec, takesAny)), options, 'createIndexes');
}

export async function dropIndex(collection, index, given) {
  refuseExplain(given);
  const options = resolve(collection[SCOPE], given);
  const command = { dropIndexes: collection.collectionName, index, ...writeConcernField(options), ...tail(options) };
  return send(collection[SCOPE], command, options, { kind: 'write-plain', label: `dropIndex on ${collection.collectionName}` });
}

/** Drops all but the one on `_id`; `false` where there is no such collection. */
export async function dropIndexes(collection, given) {
  try {
    await dropIndex(collection, '*', given);
    return true;
  } catch (error) {
    if (error instanceof MongoServerError && error.code === NAMESPACE_NOT_FOUND) return false;
    throw error;
  }
}

/** All indexes, or with `full: false` their keys by name. */
export async function indexInformation(collection, options) {
  const indexes = await collection.listIndexes(options).toArray();
  if (options.full) return indexes;
  return Object.fromEntries(indexes.map(({ name, key }) => [name, Object.entries(key)]));
}

export async function indexExists(collection, names, options) {
  const existing = new Set((await collection.listIndexes(options).toArray()).map(index => index.name));
  return (Array.isArray(names) ? names : [names]).every(name => existing.has(name));
}

// ---- search indexes; only some deployments have them

function searchIndex(collection, command, name) {
  const options = resolve(collection[SCOPE]);
  return send(collection[SCOPE], command, { ...options, readConcern: undefined, writeConcern: undefined, isUnacknowledged: false }, {
    kind: 'write-plain', label: `${name} on ${collection.collectionName}`,
  });
}

export async function createSearchIndexes(collection, indexes) {
  const reply = await searchIndex(collection, { createSearchIndexes: collection.collectionName, indexes }, 'createSearchIndexes');
  return (reply.indexesCreated ?? []).map(({ name }) => name);
}

export async function updateSearchIndex(collection, name, definition) {
  await searchIndex(collection, { updateSearchIndex: collection.collectionName, name, definition }, 'updateSearchIndex');
}

export async function dropSearchIndex(collection, name) {
  const command = { dropSearchIndex: collection.collectionName };
  if (typeof name === 'string') command.name = name;
  try {
    await searchIndex(collection, command, 'dropSearchIndex');
  } catch (error) {
    // No such collection: then the index is gone as well.
    if (error.code !== NAMESPACE_NOT_FOUND) throw error;
  }
}

'use strict';
// What a call of the driver is to the audit trail: the commands it sends, without documents, and what of its result
// is counted.

/** How many filters of a bulk write are looked at. */
const MOST_FILTERS = 20;

const number = value => (value === undefined || value === null ? 0 : Number(value));
const nothing = () => ({});
const updated = result => ({ n: number(result?.matchedCount) + number(result?.upsertedCount), nModified: number(result?.modifiedCount), upserted: number(result?.upsertedCount) });
const modified = result => {
  if (result !== null && typeof result === 'object' && 'lastErrorObject' in result) return { found: number(result.lastErrorObject?.n) };
  return { found: result === null || result === undefined ? 0 : 1 };
};
const sumOf = (result, ...names) => number(names.map(name => result?.[name]).find(value => value !== undefined));

/** Kinds of batches, as the driver numbers them. */
const BATCHES = { 1: 'insert', 2: 'update', 3: 'delete' };

const statementsOf = { insertOne: 'insert', updateOne: 'update', updateMany: 'update', replaceOne: 'update', deleteOne: 'delete', deleteMany: 'delete' };

/** A bulk write is a command for each kind of statement in it. */
function bulk(collection, operations) {
  const kinds = new Map();
  for (const operation of operations) {
    const [name] = Object.keys(operation ?? {});
    const kind = statementsOf[name];
    if (kind === undefined) continue;
    if (!kinds.has(kind)) kinds.set(kind, []);
    kinds.get(kind).push(operation[name]?.filter ?? {});
  }
  return [...kinds].map(([kind, filters]) => ({ ...COUNTED[kind](collection, filters), statements: filters.length }));
}

const filtersOf = filters => filters.slice(0, MOST_FILTERS).map(q => ({ q }));

/** The commands of a bulk write, with what of its result is theirs. */
const COUNTED = {
  insert: collection => ({ command: { insert: collection, documents: [] }, counts: result => ({ n: sumOf(result, 'insertedCount', 'nInserted') }) }),
  update: (collection, filters) => ({ command: { update: collection, updates: filtersOf(filters) }, counts: updated }),
  delete: (collection, filters) => ({ command: { delete: collection, deletes: filtersOf(filters) }, counts: result => ({ n: sumOf(result, 'deletedCount', 'nRemoved') }) }),
};

const indexName = (keys, options) => options?.name ?? (typeof keys === 'string' ? keys : Object.keys(keys ?? {}).join('_'));
const one = (command, counts = nothing, statements = undefined) => [{ command, counts, statements }];
const update = (c, [filter]) => one({ update: c, updates: filtersOf([filter ?? {}]) }, updated, 1);
const remove = (c, [filter]) => one({ delete: c, deletes: filtersOf([filter ?? {}]) }, result => ({ n: number(result?.deletedCount) }), 1);
const findAndModify = (c, [filter]) => one({ findAndModify: c, query: filter ?? {} }, modified);

const OF_COLLECTION = {
  findOne: (c, [filter]) => one({ find: c, filter: filter ?? {} }),
  find: (c, [filter]) => one({ find: c, filter: filter ?? {} }),
  aggregate: (c, [pipeline]) => one({ aggregate: c, pipeline: pipeline ?? [] }),
  insertOne: c => one({ insert: c, documents: [] }, result => ({ n: result?.insertedId === undefined ? 0 : 1 }), 1),
  insertMany: (c, [documents]) => one({ insert: c, documents: [] }, result => ({ n: number(result?.insertedCount) }), documents?.length),
  bulkWrite: (c, [operations]) => bulk(c, Array.isArray(operations) ? operations : []),
  updateOne: update, updateMany: update, replaceOne: update,
  deleteOne: remove, deleteMany: remove,
  findOneAndUpdate: findAndModify, findOneAndReplace: findAndModify, findOneAndDelete: findAndModify,
  createIndex: (c, [keys, options]) => one({ createIndexes: c, indexes: [{ name: indexName(keys, options) }] }),
  createIndexes: (c, [indexes]) => one({ createIndexes: c, indexes: (Array.isArray(indexes) ? indexes : []).map(index => ({ name: indexName(index?.key, index) })) }),
  dropIndex: (c, [index]) => one({ dropIndexes: c, index: index ?? '*' }),
  dropIndexes: c => one({ dropIndexes: c, index: '*' }),
  drop: c => one({ drop: c }),
  countDocuments: (c, [filter]) => one({ count: c, query: filter ?? {} }),
  count: (c, [filter]) => one({ count: c, query: filter ?? {} }),
  estimatedDocumentCount: c => one({ count: c, query: {} }),
  distinct: (c, [, filter]) => one({ distinct: c, query: filter ?? {} }),
  indexes: c => one({ listIndexes: c }), indexInformation: c => one({ listIndexes: c }), indexExists: c => one({ listIndexes: c }), listIndexes: c => one({ listIndexes: c }),
};

const OF_DATABASE = {
  command: (_, [command]) => one(isDocument(command) ? command : { command: 1 }),
  runCursorCommand: (_, [command]) => one(isDocument(command) ? command : { command: 1 }),
  createCollection: (_, [name]) => one({ create: name }),
  dropCollection: (_, [name]) => one({ drop: name }),
  dropDatabase: () => one({ dropDatabase: 1 }),
  createIndex: (_, [name, keys, options]) => one({ createIndexes: name, indexes: [{ name: indexName(keys, options) }] }),
  indexInformation: (_, [name]) => one({ listIndexes: name }),
  collections: () => one({ listCollections: 1 }), listCollections: () => one({ listCollections: 1 }),
  aggregate: (_, [pipeline]) => one({ aggregate: 1, pipeline: pipeline ?? [] }),
  stats: () => one({ dbStats: 1 }),
};

const isDocument = value => value !== null && typeof value === 'object' && !Array.isArray(value);

/** `[{ command, statements, counts }]` of a call; `target` is what it was called on. */
function commandsOf(kind, name, target, args) {
  if (kind === 'collection') {
    const { collectionName } = target;
    if (name === 'rename') return one({ renameCollection: target.namespace, to: `${target.dbName}.${args[0]}` });
    return OF_COLLECTION[name]?.(collectionName, args) ?? one({ [name]: collectionName });
  }
  if (kind === 'db') {
    if (name === 'renameCollection') return one({ renameCollection: `${target.databaseName}.${args[0]}`, to: `${target.databaseName}.${args[1]}` });
    return OF_DATABASE[name]?.(undefined, args) ?? one({ [name]: 1 });
  }
  if (kind === 'bulk') {
    const collection = target.s?.namespace?.collection ?? target.collection?.collectionName ?? 'a collection';
    const filters = { insert: [], update: [], delete: [] };
    for (const { batchType, operations } of target.batches ?? []) for (const operation of operations) filters[BATCHES[batchType]]?.push(operation.q ?? {});
    return Object.entries(filters).filter(([, its]) => its.length > 0).map(([its, list]) => ({ ...COUNTED[its](collection, list), statements: list.length }));
  }
  return one(name === 'command' && isDocument(args[0]) ? args[0] : { [name]: 1 });
}

module.exports = { commandsOf };

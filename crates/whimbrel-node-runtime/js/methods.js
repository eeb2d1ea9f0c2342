'use strict';
// What of the driver's methods is known here.

/** Methods that send something, with the place of their options among the arguments. */
const METHODS = {
  collection: {
    findOne: 1, insertOne: 1, insertMany: 1, bulkWrite: 1, updateOne: 2, updateMany: 2, replaceOne: 2, deleteOne: 1, deleteMany: 1, rename: 1,
    drop: 0, options: 0, isCapped: 0, createIndex: 1, createIndexes: 1, dropIndex: 1, dropIndexes: 0, ensureIndex: 1, indexExists: 1,
    indexInformation: 0, indexes: 0, estimatedDocumentCount: 0, countDocuments: 1, count: 1, distinct: 2, stats: 0, findOneAndDelete: 1,
    findOneAndReplace: 2, findOneAndUpdate: 2, insert: 1, update: 2, remove: 1, mapReduce: 2, find: 1, aggregate: 1, listIndexes: 0, watch: 1,
    initializeOrderedBulkOp: 0, initializeUnorderedBulkOp: 0,
    createSearchIndex: 1, createSearchIndexes: 1, dropSearchIndex: 1, updateSearchIndex: 2,
  },
  db: {
    createCollection: 1, command: 1, renameCollection: 2, dropCollection: 1, dropDatabase: 0, collections: 0, createIndex: 2, addUser: 2,
    removeUser: 1, setProfilingLevel: 1, profilingLevel: 0, indexInformation: 1, stats: 0, aggregate: 1, listCollections: 1, runCursorCommand: 1, watch: 1,
  },
  admin: {
    command: 1, buildInfo: 0, serverInfo: 0, serverStatus: 0, ping: 0, addUser: 2, removeUser: 1, validateCollection: 1, listDatabases: 0,
    replSetGetStatus: 0,
  },
  client: { bulkWrite: 1, watch: 1 },
  bulk: { execute: 0 },
};
/** Methods that give a cursor or the like and send nothing themselves. */
const LAZY = new Set(['find', 'aggregate', 'listIndexes', 'listCollections', 'runCursorCommand', 'watch', 'initializeOrderedBulkOp', 'initializeUnorderedBulkOp']);
/** The script's own commands carry no comment of the run. */
const RAW = new Set(['command', 'runCursorCommand']);

module.exports = { LAZY, METHODS, RAW };

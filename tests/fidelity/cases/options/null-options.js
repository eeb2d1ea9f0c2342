// null where options are expected, on every method.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  const orders = db.collection('orders');
  const calls = {
    insertMany: () => orders.insertMany([{ _id: 61 }], null),
    updateMany: () => orders.updateMany({ _id: 1 }, { $set: { a: 1 } }, null),
    replaceOne: () => orders.replaceOne({ _id: 61 }, { a: 1 }, null), deleteOne: () => orders.deleteOne({ _id: 61 }, null),
    deleteMany: () => orders.deleteMany({ _id: 61 }, null),
    find: async () => (await orders.find({}, null).toArray()).length,
    findOne: async () => (await orders.findOne({ _id: 1 }, null))._id,
    aggregate: () => orders.aggregate([{ $count: 'n' }], null).toArray(), countDocuments: () => orders.countDocuments({}, null),
    estimated: () => orders.estimatedDocumentCount(null),
    distinct: async () => (await orders.distinct('status', {}, null)).length,
    bulkWrite: async () => (await orders.bulkWrite([{ deleteOne: { filter: { _id: 'none' } } }], null)).deletedCount,
    findOneAndReplace: async () => (await orders.findOneAndReplace({ _id: 2 }, { r: 1 }, null))?._id,
    findOneAndDelete: async () => (await orders.findOneAndDelete({ _id: 3 }, null))?._id,
    createIndexes: () => orders.createIndexes([{ key: { x: 1 } }], null),
    indexes: async () => (await orders.indexes(null)).length, indexExists: () => orders.indexExists('x_1', null),
    indexInformation: async () => Object.keys(await orders.indexInformation(null)),
    listIndexes: async () => (await orders.listIndexes(null).toArray()).length,
    dropIndex: async () => (await orders.dropIndex('x_1', null)).ok,
    options: () => orders.options(null), isCapped: () => orders.isCapped(null),
    collection: () => db.collection('orders', null).collectionName,
    createCollection: async () => (await db.createCollection('made', null)).collectionName,
    command: async () => (await db.command({ ping: 1 }, null)).ok,
    listCollections: async () => (await db.listCollections({ name: 'orders' }, null).toArray()).length,
    stats: async () => (await db.stats(null)).ok, dropCollection: () => db.dropCollection('made', null),
    collections: async () => (await db.collections(null)).length > 0,
    initializeOrderedBulkOp: () => orders.initializeOrderedBulkOp(null).length,
  };
  for (const [label, call] of Object.entries(calls)) await attempt(label, call);
}

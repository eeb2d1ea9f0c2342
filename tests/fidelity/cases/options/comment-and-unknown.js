// Options that mean nothing to the driver are ignored on every method.
const { observe } = require('../../support/observe.cjs');

const legacy = {
  multi: true, background: true, useNewUrlParser: true, useUnifiedTopology: true, new: true, safe: true, strict: true,
  poolSize: 5, fullResult: true, nonsense: { deep: 1 },
};

module.exports = {
  async up(db) {
    const { attempt } = observe(db);
    const orders = db.collection('orders', legacy);
    await attempt('insertOne', () => orders.insertOne({ _id: 50 }, legacy));
    await attempt('insertMany', () => orders.insertMany([{ _id: 51 }], legacy));
    await attempt('updateOne', () => orders.updateOne({ customer: 'c1' }, { $set: { a: 1 } }, legacy));
    await attempt('updateMany', () => orders.updateMany({ customer: 'c1' }, { $set: { b: 1 } }, legacy));
    await attempt('replaceOne', () => orders.replaceOne({ _id: 50 }, { r: 1 }, legacy));
    await attempt('deleteOne', () => orders.deleteOne({ _id: 50 }, legacy));
    await attempt('deleteMany', () => orders.deleteMany({ _id: 51 }, legacy));
    await attempt('find', async () => (await orders.find({}, legacy).toArray()).length);
    await attempt('findOne', async () => (await orders.findOne({ _id: 1 }, legacy))._id);
    await attempt('aggregate', () => orders.aggregate([{ $count: 'n' }], legacy).toArray());
    await attempt('countDocuments', () => orders.countDocuments({}, legacy));
    await attempt('distinct', async () => (await orders.distinct('status', {}, legacy)).length);
    await attempt('createIndex', () => orders.createIndex({ total: 1 }, legacy));
    await attempt('bulkWrite', async () => (await orders.bulkWrite(
      [{ updateOne: { filter: { _id: 1 }, update: { $set: { c: 1 } }, multi: true, nonsense: 1 } }], legacy
    )).modifiedCount);
    await attempt('findOneAndUpdate', async () => (await orders.findOneAndUpdate({ _id: 1 }, { $set: { d: 1 } }, legacy)).d);
    await attempt('createCollection', async () => (await db.createCollection('made', legacy)).collectionName);
    await attempt('listCollections', async () => (await db.listCollections({ name: 'made' }, legacy).toArray()).length);
    await attempt('command', async () => (await db.command({ ping: 1 }, legacy)).ok);
    await attempt('rename', async () => (await db.collection('made').rename('made2', legacy)).collectionName);
    await attempt('drop', () => db.collection('made2').drop(legacy));
    await attempt('dropIndex', () => orders.dropIndex('total_1', legacy));
  },
};

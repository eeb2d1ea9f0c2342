// Callbacks as last arguments are not called by this driver.
const { observe } = require('../../support/observe.cjs');

module.exports = {
  async up(db) {
    const { note } = observe(db);
    const calls = [];
    const callback = (error, result) => calls.push([error, result]);
    const inserted = db.collection('things').insertOne({ _id: 1 }, callback);
    await inserted;
    await db.collection('things').updateOne({ _id: 1 }, { $set: { a: 1 } }, callback);
    await db.collection('things').find({}, callback).toArray();
    await db.collection('things').find({}).toArray(callback);
    await db.collection('things').createIndex({ a: 1 }, callback);
    await db.collection('things').countDocuments({}, callback);
    await note('calls', calls.length);
  },
};

// Writes started in an asynchronous forEach callback, collected and awaited by the script.
const { observe } = require('../../support/observe.cjs');

module.exports = {
  async up(db) {
    const { note } = observe(db);
    const orders = db.collection('orders');
    const writes = [];
    await orders.find().forEach(doc => { writes.push(orders.updateOne({ _id: doc._id }, { $set: { double: doc.total * 2 } })); });
    const results = await Promise.all(writes);
    await note('modified', results.map(({ modifiedCount }) => modifiedCount));
  },
  async down(db) {
    await db.collection('orders').updateMany({}, { $unset: { double: '' } });
  },
};

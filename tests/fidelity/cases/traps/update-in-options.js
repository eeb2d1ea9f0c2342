// The update document stands where the options belong.
const { observe } = require('../../support/observe.cjs');

module.exports = {
  async up(db) {
    const { attempt, note } = observe(db);
    await attempt(
      'updateMany', () => db.collection('orders').updateMany({ status: 'paid' }, { $set: { a: 1 } }, { $set: { b: 1 } })
    );
    await attempt('updateOne with one argument', () => db.collection('orders').updateOne({ $set: { c: 1 } }));
    await attempt(
      'find with options first', async () => (await db.collection('orders').find({ projection: { _id: 1 } }).toArray()).length
    );
    await note('fields', await db.collection('orders').countDocuments({ b: 1 }));
  },
};

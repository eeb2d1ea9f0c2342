// An error inside withTransaction undoes everything.
const { observe } = require('../../support/observe.cjs');

module.exports = {
  async up(db, client) {
    const { attempt, note } = observe(db);
    const orders = db.collection('orders');
    const session = client.startSession();
    await attempt('own error', () => session.withTransaction(async () => {
      await orders.updateMany({}, { $set: { gone: true } }, { session });
      throw new Error('stop here');
    }));
    await attempt('server error', () => session.withTransaction(async () => {
      await orders.insertOne({ _id: 800 }, { session });
      await orders.insertOne({ _id: 1 }, { session });
    }));
    session.startTransaction();
    await orders.insertOne({ _id: 801 }, { session });
    await orders.insertOne({ _id: 1 }, { session }).catch(() => {});
    await attempt('after an error that was caught', () => orders.insertOne({ _id: 802 }, { session }));
    await attempt('commit after it', () => session.commitTransaction());
    await attempt('no promise', () => session.withTransaction(() => 5));
    await attempt('no function', () => session.withTransaction());
    await note('state', [session.inTransaction(), session.hasEnded]);
    await session.endSession();
    await note('left', [await orders.countDocuments({ gone: true }), await orders.countDocuments({ _id: { $gte: 800 } })]);
  },
};

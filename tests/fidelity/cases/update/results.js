// Result fields of updates in each outcome.
const { observe } = require('../../support/observe.cjs');

module.exports = {
  async up(db) {
    const { attempt } = observe(db);
    const orders = db.collection('orders');
    await attempt('matched and modified', () => orders.updateOne({ _id: 1 }, { $set: { status: 'gone' } }));
    await attempt('matched, not modified', () => orders.updateOne({ _id: 1 }, { $set: { status: 'gone' } }));
    await attempt('no match', () => orders.updateOne({ _id: 99 }, { $set: { status: 'gone' } }));
    await attempt('upsert', () => orders.updateOne({ _id: 99 }, { $set: { status: 'gone' } }, { upsert: true }));
    await attempt('upsert that matches', () => orders.updateOne({ _id: 99 }, { $set: { status: 'back' } }, { upsert: true }));
    await attempt('many', () => orders.updateMany({ customer: 'c1' }, { $set: { vip: true } }));
    await attempt('many, upsert', () => orders.updateMany({ _id: 'm' }, { $set: { vip: true } }, { upsert: true }));
    await attempt('many, none', () => orders.updateMany({ customer: 'nobody' }, { $set: { vip: true } }));
  },
  async down(db) {
    const { note } = observe(db);
    await note('rolled back', await db.collection('orders').updateMany({ vip: true }, { $unset: { vip: 1 } }));
    await db.collection('orders').deleteMany({ _id: { $in: [99, 'm'] } });
  },
};

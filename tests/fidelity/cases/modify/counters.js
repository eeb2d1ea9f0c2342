// A counter in one document: sequence numbers by findOneAndUpdate.
const { observe } = require('../../support/observe.cjs');

async function nextNumber(counters, name) {
  const doc = await counters.findOneAndUpdate({ _id: name }, { $inc: { seq: 1 } }, { upsert: true, returnDocument: 'after' });
  return doc.seq;
}

module.exports = {
  async up(db) {
    const { note } = observe(db);
    const counters = db.collection('counters');
    const numbers = [];
    for (const order of await db.collection('orders').find().sort({ at: 1 }).toArray()) {
      const number = await nextNumber(counters, 'orders');
      numbers.push(number);
      await db.collection('orders').updateOne({ _id: order._id }, { $set: { number } });
    }
    await note('numbers', numbers);
  },
  async down(db) {
    await db.collection('orders').updateMany({}, { $unset: { number: '' } });
    await db.collection('counters').drop();
  },
};

// while (await cursor.hasNext()) over several batches.
const { observe } = require('../../support/observe.cjs');

module.exports = {
  async up(db) {
    const { note } = observe(db);
    const many = db.collection('many');
    const cursor = many.find({}).sort({ _id: 1 }).batchSize(40);
    let count = 0;
    let sum = 0;
    while (await cursor.hasNext()) {
      const doc = await cursor.next();
      count += 1;
      sum += doc._id;
      if (doc._id % 50 === 0) await many.updateOne({ _id: doc._id }, { $set: { seen: true } });
    }
    await note('count and sum', [count, sum, cursor.closed]);
  },
  async down(db) {
    await db.collection('many').updateMany({}, { $unset: { seen: 1 } });
  },
};

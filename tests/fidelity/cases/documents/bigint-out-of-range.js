// A BigInt beyond 64 bits.
const { observe } = require('../../support/observe.cjs');

module.exports = {
  async up(db) {
    const { attempt } = observe(db);
    for (const [index, value] of [2n ** 63n, -(2n ** 63n) - 1n, 2n ** 64n, 2n ** 100n].entries()) {
      await attempt(`insert ${index}`, () => db.collection('big').insertOne({ _id: index, value }));
    }
  },
  async down(db) {
    await db.collection('big').deleteMany({});
  },
};

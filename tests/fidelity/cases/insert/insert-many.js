// insertMany: results and mistakes.
const { observe } = require('../../support/observe.cjs');

module.exports = {
  async up(db) {
    const { note, attempt } = observe(db);
    const things = db.collection('things');
    await attempt('three', () => things.insertMany([{ _id: 1 }, { _id: 2 }, { _id: 'x' }]));
    await attempt('empty', () => things.insertMany([]));
    await attempt('no array', () => things.insertMany({ _id: 4 }));
    await attempt('nothing', () => things.insertMany());
    await attempt('null inside', () => things.insertMany([{ _id: 5 }, null]));
    await attempt('undefined inside', () => things.insertMany([{ _id: 51 }, undefined, { _id: 52 }]));
    await attempt('text inside', () => things.insertMany([{ _id: 6 }, 'text']));
    await attempt('a Set', () => things.insertMany(new Set([{ _id: 7 }])));
    await things.updateMany({ _id: { $type: 'objectId' } }, { $set: { generated: true } });
    await note('stored', await things.find().sort({ _id: 1 }).toArray());
    await things.deleteMany({ generated: true });
  },
  async down(db) {
    await db.collection('things').deleteMany({});
  },
};

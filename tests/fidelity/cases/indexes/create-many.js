// createIndexes.
const { observe } = require('../../support/observe.cjs');

module.exports = {
  async up(db) {
    const { attempt, note } = observe(db);
    const things = db.collection('things');
    await attempt('three', () => things.createIndexes([
      { key: { a: 1 } }, { key: { b: -1, c: 1 }, name: 'bc' }, { key: { d: 1 }, unique: true, sparse: true },
    ]));
    await attempt('map as key', () => things.createIndexes([{ key: new Map([['m', 1]]) }]));
    await attempt('none', () => things.createIndexes([]));
    await attempt('no key', () => things.createIndexes([{ name: 'x' }]));
    await attempt('conflict', () => things.createIndexes([{ key: { e: 1 } }, { key: { a: 1 }, name: 'other' }]));
    await attempt('unknown option', () => things.createIndexes([{ key: { f: 1 }, nonsense: 1 }]));
    await note('names', (await things.indexes()).map(index => index.name));
  },
  async down(db) {
    for (const name of ['a_1', 'bc', 'd_1']) await db.collection('things').dropIndex(name);
  },
};

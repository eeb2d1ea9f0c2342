// Methods that are gone.
const { observe } = require('../../support/observe.cjs');

module.exports = {
  async up(db) {
    const { note, attempt } = observe(db);
    const things = db.collection('things');
    for (const name of [
      'save', 'ensureIndex', 'findAndModify', 'mapReduce', 'group', 'reIndex', 'dropAllIndexes', 'findAndRemove',
      'parallelCollectionScan', 'geoHaystackSearch', 'isCapped', 'count', 'stats', 'insert', 'update', 'remove', 'updateOne',
    ]) await note(name, typeof things[name]);
    for (const name of [
      'eval', 'addUser', 'collectionNames', 'ensureIndex', 'executeDbAdminCommand', 'admin', 'close', 'open', 'authenticate',
      'createCollection',
    ]) await note(`db.${name}`, typeof db[name]);
    await attempt('save', () => things.save({ _id: 1 }));
  },
};

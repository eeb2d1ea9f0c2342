// An aggregation that nobody iterates does nothing, awaited or not.
const { observe } = require('../../support/observe.cjs');

module.exports.up = async function up(db) {
  const { note } = observe(db);
  const given = await db.collection('orders').aggregate([{ $out: 'copy' }]);
  await note('a cursor', given.constructor.name);
  db.collection('orders').aggregate([{ $merge: { into: 'copy2' } }]);
  await note('nothing was made', await db.listCollections({ name: /^copy/ }).toArray());
};

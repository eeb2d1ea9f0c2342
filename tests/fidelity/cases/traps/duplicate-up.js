// Two definitions of up in one object: the last one counts.
module.exports = {
  async up(db) { await db.collection('orders').updateOne({ _id: 1 }, { $set: { which: 'first' } }); },
  async up(db) { await db.collection('orders').updateOne({ _id: 1 }, { $set: { which: 'second' } }); }, // eslint-disable-line no-dupe-keys
};

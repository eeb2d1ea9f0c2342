// A server error that nobody catches.
module.exports = {
  async up(db) {
    await db.collection('orders').insertOne({ _id: 'first' });
    await db.collection('orders').insertOne({ _id: 1 });
    await db.collection('orders').insertOne({ _id: 'never' });
  },
  async down(db) {
    await db.collection('orders').deleteOne({ _id: 'first' });
  },
};

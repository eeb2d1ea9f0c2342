// ObjectId() without new is a TypeError.
const { ObjectId } = require('mongodb');

module.exports = {
  async up(db) {
    await db.collection('users').updateOne({ _id: ObjectId('65f000000000000000000001') }, { $set: { touched: true } });
  },
};

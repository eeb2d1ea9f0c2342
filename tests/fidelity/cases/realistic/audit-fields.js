// createdAt and updatedAt from the ObjectId, fixed dates for the rest.
const { ObjectId } = require('mongodb');

module.exports = {
  async up(db) {
    for (const user of await db.collection('users').find({ createdAt: { $exists: false } }).toArray()) {
      const createdAt = user._id instanceof ObjectId ? user._id.getTimestamp() : new Date('2000-01-01');
      await db.collection('users').updateOne({ _id: user._id }, {
        $set: { createdAt, updatedAt: new Date(createdAt.getTime() + 86400000) }, $currentDate: {},
      });
    }
  },
  async down(db) {
    await db.collection('users').updateMany({}, { $unset: { createdAt: true, updatedAt: true } });
  },
};

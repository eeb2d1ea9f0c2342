// Array.forEach with an async callback: the function returns before the writes are done.
module.exports = {
  async up(db) {
    [1, 2, 3].forEach(async _id => {
      await db.collection('orders').updateOne({ _id }, { $set: { lost: true } });
    });
  },
};

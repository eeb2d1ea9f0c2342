// db.collections.x and db.x are undefined.
module.exports = {
  async up(db) {
    await db.collections.orders.updateOne({ _id: 1 }, { $set: { a: 1 } });
  },
};

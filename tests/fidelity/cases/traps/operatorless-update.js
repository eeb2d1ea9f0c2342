// updateOne with a plain document throws before anything is sent.
module.exports = {
  async up(db) {
    await db.collection('orders').updateOne({ _id: 1 }, { $set: { first: true } });
    await db.collection('orders').updateMany({ status: 'paid' }, { status: 'booked' });
  },
};

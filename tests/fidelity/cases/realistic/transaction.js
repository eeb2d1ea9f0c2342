// Two collections changed in one transaction, as the driver's documentation shows it.
module.exports = {
  async up(db, client) {
    const session = client.startSession();
    try {
      await session.withTransaction(async () => {
        await db.collection('orders').updateMany({ status: 'paid' }, { $set: { status: 'booked' } }, { session });
        await db.collection('ledger').insertMany([{ _id: 1, booked: true }, { _id: 2, booked: true }], { session });
      });
    } finally {
      await session.endSession();
    }
  },
  async down(db, client) {
    const session = client.startSession();
    try {
      await session.withTransaction(async () => {
        await db.collection('orders').updateMany({ status: 'booked' }, { $set: { status: 'paid' } }, { session });
        await db.collection('ledger').deleteMany({}, { session });
      });
    } finally {
      await session.endSession();
    }
  },
};

// A script that closes the client at its end, as if the connection were its own.
module.exports = {
  async up(db, client) {
    await db.collection('orders').updateOne({ _id: 1 }, { $set: { closing: true } });
    await client.close();
  },
};

// map with async functions, awaited by Promise.all: fine; by for loop over promises: in order.
module.exports = {
  async up(db) {
    const orders = await db.collection('orders').find().sort({ _id: 1 }).toArray();
    await Promise.all(orders.map(async order => db.collection('orders').updateOne({ _id: order._id }, { $set: { rank: order.total } })));
    const promises = orders.map(order => db.collection('orders').updateOne({ _id: order._id }, { $inc: { rank: 1 } }));
    for (const promise of promises) await promise;
  },
};

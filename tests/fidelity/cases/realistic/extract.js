// Extract embedded documents into a collection of their own.
module.exports = {
  async up(db) {
    const lines = [];
    for (const order of await db.collection('orders').find().sort({ _id: 1 }).toArray()) {
      order.lines.forEach((line, index) => lines.push({ _id: `${order._id}/${index}`, order: order._id, ...line }));
    }
    await db.collection('order_lines').insertMany(lines, { ordered: false });
    await db.collection('order_lines').createIndex({ order: 1 });
    await db.collection('orders').updateMany({}, { $unset: { lines: '' } });
  },
  async down(db) {
    const grouped = await db.collection('order_lines').aggregate([
      { $sort: { _id: 1 } }, { $group: { _id: '$order', lines: { $push: { sku: '$sku', qty: '$qty' } } } },
    ]).toArray();
    await Promise.all(grouped.map(({ _id, lines }) => db.collection('orders').updateOne({ _id }, { $set: { lines } })));
    await db.collection('order_lines').drop();
  },
};

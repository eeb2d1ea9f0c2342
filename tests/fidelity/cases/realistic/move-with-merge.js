// Move documents to another collection by $merge, then delete them.
module.exports = {
  async up(db) {
    const orders = db.collection('orders');
    await orders.aggregate([
      { $match: { status: 'sent' } }, { $set: { archived: true } },
      { $merge: { into: 'orders_archive', on: '_id', whenMatched: 'keepExisting', whenNotMatched: 'insert' } },
    ]).toArray();
    const ids = await db.collection('orders_archive').distinct('_id');
    await orders.deleteMany({ _id: { $in: ids } });
  },
  async down(db) {
    const archived = await db.collection('orders_archive').find().toArray();
    if (archived.length) await db.collection('orders').insertMany(archived.map(({ archived: _, ...doc }) => doc));
    await db.collection('orders_archive').drop();
  },
};

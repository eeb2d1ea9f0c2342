// New `_id`s: insert copies and delete the originals.
export default async function up(db) {
  const orders = db.collection('orders');
  const copies = (await orders.find().sort({ _id: 1 }).toArray()).map(({ _id, ...rest }) => ({
    _id: `order-${String(_id).padStart(4, '0')}`, oldId: _id, ...rest,
  }));
  await orders.insertMany(copies);
  await orders.deleteMany({ _id: { $type: 'number' } });
}

export async function rollback(db) {
  const orders = db.collection('orders');
  for (const { _id, oldId, ...rest } of await orders.find().toArray()) {
    await orders.insertOne({ _id: oldId, ...rest });
    await orders.deleteOne({ _id });
  }
}

// Embed documents of one collection into another.
export default async function up(db) {
  for await (const user of db.collection('users').find().sort({ email: 1 })) {
    const customer = `c${user.email.length % 4}`;
    const orders = await db.collection('orders').find({ customer }, { projection: { total: 1, status: 1 } }).sort({ _id: 1 }).limit(2).toArray();
    await db.collection('users').updateOne({ _id: user._id }, { $set: {
      customer, recentOrders: orders, orderCount: await db.collection('orders').countDocuments({ customer }),
    } });
  }
}

export const rollback = db => db.collection('users').updateMany(
  {}, { $unset: { customer: '', recentOrders: '', orderCount: '' } }
);

// next() called without waiting for the one before.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  const cursor = db.collection('orders').find({}, { sort: { _id: 1 }, projection: { _id: 1 } });
  await cursor.next();
  await attempt('buffered', () => Promise.all([cursor.next(), cursor.next(), cursor.next()]));
  await cursor.close();
  await attempt('two cursors at once', async () => {
    const a = db.collection('orders').find({ _id: { $lt: 3 } }).sort({ _id: 1 });
    const b = db.collection('orders').find({ _id: { $gt: 10 } }).sort({ _id: 1 });
    const out = [];
    for (;;) {
      const [x, y] = await Promise.all([a.next(), b.next()]);
      if (!x && !y) return out;
      out.push([x?._id, y?._id]);
    }
  });
}

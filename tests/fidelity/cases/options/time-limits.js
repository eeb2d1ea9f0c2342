// maxTimeMS and timeoutMS that are long enough.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  const orders = db.collection('orders');
  await attempt('maxTimeMS', () => orders.find({}, {
    maxTimeMS: 10000, projection: { _id: 1 }, sort: { _id: 1 }, limit: 1,
  }).toArray());
  await attempt('timeoutMS', () => orders.find({}, {
    timeoutMS: 10000, projection: { _id: 1 }, sort: { _id: 1 }, limit: 1,
  }).toArray());
  await attempt('timeoutMS on a write', () => orders.updateOne({ _id: 1 }, { $set: { t: 1 } }, { timeoutMS: 10000 }));
  await attempt('timeoutMS on the collection', async () => db.collection('orders', { timeoutMS: 10000 }).countDocuments());
  await attempt('negative', () => orders.find({}, { maxTimeMS: -5 }).toArray());
}

// Promise.all over sessions: reads that share one, writes with one each, and a transaction in sequence.
// (Writes at the same time in one session are not supported by the driver: it numbers them alike and loses some.)
import { observe } from '../../support/observe.js';

export default async function up(db, client) {
  const { attempt, note } = observe(db);
  const orders = db.collection('orders');
  const session = client.startSession();
  await attempt('reads', () => Promise.all([
    orders.countDocuments({}, { session }), orders.findOne({ _id: 1 }, { session, projection: { status: 1 } }),
    orders.estimatedDocumentCount({ session }),
  ]));
  await attempt('a session each', async () => {
    const results = await Promise.all([1, 2, 3].map(_id => client.withSession(
      one => orders.updateOne({ _id }, { $set: { p: 1 } }, { session: one }),
    )));
    return results.map(({ modifiedCount }) => modifiedCount);
  });
  await attempt('inside, in sequence', () => session.withTransaction(async () => {
    for (const _id of [4, 5, 6]) await orders.updateOne({ _id }, { $set: { p: 2 } }, { session });
  }));
  await session.endSession();
  await note('p', await orders.find({ p: { $exists: true } }, { projection: { p: 1 } }).sort({ _id: 1 }).toArray());
}

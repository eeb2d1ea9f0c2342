// initializeUnorderedBulkOp, with errors.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const orders = db.collection('orders');
  const bulk = orders.initializeUnorderedBulkOp();
  bulk.insert({ _id: 1 });
  bulk.find({ _id: 5 }).updateOne({ $set: { fine: true } });
  bulk.insert({ _id: 500 });
  bulk.find({ _id: 6 }).updateOne({ $set: { _id: 7 } });
  bulk.find({ _id: 501 }).upsert().update({ $set: { made: 1 } });
  bulk.find({ _id: 8 }).deleteOne();
  await note('state', [bulk.length, bulk.isOrdered]);
  await attempt('execute', () => bulk.execute());
  await attempt('again', () => bulk.execute());
  const removed = orders.initializeUnorderedBulkOp();
  await note('old names', [
    typeof removed.find({}).remove, typeof removed.find({}).removeOne, typeof removed.find({}).updateMany,
    typeof removed.find({}).delete,
  ]);
}

export const rollback = db => db.collection('orders').deleteMany({ _id: { $in: [500, 501] } });

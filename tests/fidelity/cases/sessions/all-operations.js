// Every kind of operation in one transaction, aborted and committed.
import { observe } from '../../support/observe.js';

async function work(db, session, note) {
  const orders = db.collection('orders');
  await note('insertMany', await orders.insertMany([{ _id: 1000 }, { _id: 1001 }], { session }));
  await note('updateMany', await orders.updateMany({ customer: 'c1' }, { $set: { t: 1 } }, { session }));
  await note('replaceOne', await orders.replaceOne({ _id: 2 }, { t: 2 }, { session }));
  await note('deleteOne', await orders.deleteOne({ _id: 3 }, { session }));
  await note(
    'findOneAndUpdate',
    await orders.findOneAndUpdate({ _id: 4 }, { $set: { t: 3 } }, { session, projection: { t: 1 }, returnDocument: 'after' })
  );
  await note('bulkWrite', await orders.bulkWrite(
    [{ insertOne: { document: { _id: 1002 } } }, { deleteMany: { filter: { customer: 'c3' } } }], { session }
  ));
  await note('find', await orders.find({ t: { $exists: true } }, { session, projection: { t: 1 } }).sort({ _id: 1 }).toArray());
  await note('aggregate', await orders.aggregate([{ $count: 'n' }], { session }).toArray());
  await note('countDocuments', await orders.countDocuments({}, { session }));
  await note('distinct', (await orders.distinct('t', {}, { session })).sort());
  await note('command', (await db.command({ find: 'orders', filter: { _id: 1000 } }, { session })).cursor.firstBatch);
  const bulk = orders.initializeOrderedBulkOp({ session });
  bulk.find({ _id: 5 }).updateOne({ $set: { t: 9 } });
  await note('builder', (await bulk.execute()).modifiedCount);
}

export default async function up(db, client) {
  const { note } = observe(db);
  const session = client.startSession();
  session.startTransaction();
  await work(db, session, note);
  await session.abortTransaction();
  await note('after abort', await db.collection('orders').countDocuments({ t: { $exists: true } }));
  session.startTransaction();
  await work(db, session, note);
  await session.commitTransaction();
  await note('after commit', await db.collection('orders').countDocuments({ t: { $exists: true } }));
  await session.endSession();
}

// startTransaction, commitTransaction, abortTransaction.
import { observe } from '../../support/observe.js';

export default async function up(db, client) {
  const { attempt, note } = observe(db);
  const things = db.collection('things');
  await things.insertOne({ _id: 0 });
  const session = client.startSession();
  await note('fresh', [session.inTransaction(), session.hasEnded, session.transaction.state]);
  await attempt('commit without', () => session.commitTransaction());
  await attempt('abort without', () => session.abortTransaction());
  session.startTransaction();
  await note('started', [session.inTransaction(), session.transaction.state, session.transaction.isActive]);
  await attempt('start again', () => session.startTransaction());
  await things.insertOne({ _id: 1 }, { session });
  await note('in progress', [session.inTransaction(), session.transaction.state]);
  await attempt('commit', () => session.commitTransaction());
  await note('committed', [session.inTransaction(), session.transaction.state, session.transaction.isCommitted]);
  await attempt('commit again', () => session.commitTransaction());
  await attempt('abort after commit', () => session.abortTransaction());
  session.startTransaction({ readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } });
  await things.insertOne({ _id: 2 }, { session });
  await attempt('abort', () => session.abortTransaction());
  await note('aborted', [session.inTransaction(), session.transaction.state]);
  await attempt('abort again', () => session.abortTransaction());
  await attempt('commit after abort', () => session.commitTransaction());
  session.startTransaction();
  await attempt('empty commit', () => session.commitTransaction());
  session.startTransaction();
  await attempt('empty abort', () => session.abortTransaction());
  await attempt('end', () => session.endSession());
  await note('ended', [session.hasEnded, session.inTransaction()]);
  await note('stored', await things.find().sort({ _id: 1 }).toArray());
}

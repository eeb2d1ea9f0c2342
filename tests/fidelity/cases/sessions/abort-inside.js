// Aborting by hand inside withTransaction ends it quietly.
import { observe } from '../../support/observe.js';

export default async function up(db, client) {
  const { attempt, note } = observe(db);
  const session = client.startSession();
  await attempt('abort inside', () => session.withTransaction(async () => {
    await db.collection('orders').updateOne({ _id: 1 }, { $set: { gone: true } }, { session });
    await session.abortTransaction();
    return 'value';
  }));
  await attempt('commit inside', () => session.withTransaction(async () => {
    await db.collection('orders').updateOne({ _id: 2 }, { $set: { kept: true } }, { session });
    await session.commitTransaction();
    return 'value';
  }));
  await note('state', session.transaction.state);
  await session.endSession();
}

// A write conflict with a write outside the transaction, tried again by withTransaction.
import { observe } from '../../support/observe.js';

export default async function up(db, client) {
  const { attempt, note } = observe(db);
  const orders = db.collection('orders');
  const session = client.startSession();
  let tries = 0;
  await attempt('tried again', () => session.withTransaction(async () => {
    tries += 1;
    await orders.findOne({ _id: 1 }, { session });
    if (tries === 1) await orders.updateOne({ _id: 1 }, { $set: { outside: true } });
    await orders.updateOne({ _id: 1 }, { $set: { tries } }, { session });
    return tries;
  }));
  session.startTransaction();
  await orders.findOne({ _id: 2 }, { session });
  await orders.updateOne({ _id: 2 }, { $set: { outside: true } });
  try {
    await orders.updateOne({ _id: 2 }, { $set: { inside: true } }, { session });
  } catch (error) {
    await note('labels', [
      error.code, error.codeName, error.errorLabels, error.hasErrorLabel('TransientTransactionError'), error.hasErrorLabel('x'),
    ]);
  }
  await attempt('commit', () => session.commitTransaction());
  await session.endSession();
}

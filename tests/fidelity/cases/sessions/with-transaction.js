// withTransaction: what it returns and what it leaves.
import { observe } from '../../support/observe.js';

export default async function up(db, client) {
  const { attempt, note } = observe(db);
  const accounts = db.collection('accounts');
  await accounts.insertMany([{ _id: 'a', balance: 100 }, { _id: 'b', balance: 0 }]);
  const session = client.startSession();
  try {
    await attempt('returned', () => session.withTransaction(async given => {
      await note('the same session', given === session);
      await accounts.updateOne({ _id: 'a' }, { $inc: { balance: -30 } }, { session });
      await accounts.updateOne({ _id: 'b' }, { $inc: { balance: 30 } }, { session });
      return { moved: 30 };
    }));
    await attempt(
      'nothing returned', () => session.withTransaction(async () => { await accounts.insertOne({ _id: 'c' }, { session }); })
    );
    await attempt('seen inside, not outside', () => session.withTransaction(async () => {
      await accounts.updateOne({ _id: 'a' }, { $set: { inside: true } }, { session });
      const inside = await accounts.findOne({ _id: 'a' }, { session });
      const outside = await accounts.findOne({ _id: 'a' });
      return [inside.inside, outside.inside];
    }));
  } finally {
    await session.endSession();
  }
  await note('accounts', await accounts.find().sort({ _id: 1 }).toArray());
}

export async function rollback(db) {
  await db.collection('accounts').drop();
}

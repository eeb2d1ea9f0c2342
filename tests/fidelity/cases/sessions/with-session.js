// client.withSession.
import { observe } from '../../support/observe.js';

export default async function up(db, client) {
  const { attempt, note } = observe(db);
  let kept;
  await attempt('returns', () => client.withSession(async session => {
    kept = session;
    await db.collection('orders').updateOne({ _id: 1 }, { $set: { s: 1 } }, { session });
    return 'value';
  }));
  await note('ended', kept.hasEnded);
  await attempt('with options', () => client.withSession({ causalConsistency: false }, async session => session.withTransaction(async () => {
    await db.collection('orders').updateOne({ _id: 2 }, { $set: { s: 2 } }, { session });
    return 'inside';
  })));
  await attempt('throws', () => client.withSession(async session => {
    kept = session;
    session.startTransaction();
    await db.collection('orders').updateOne({ _id: 3 }, { $set: { s: 3 } }, { session });
    throw new Error('out');
  }));
  await note('ended after the error', [
    kept.hasEnded, await db.collection('orders').findOne({ _id: 3 }, { projection: { s: 1 } }),
  ]);
  await attempt('no function', () => client.withSession());
  await attempt('not asynchronous', () => client.withSession(() => 5));
}

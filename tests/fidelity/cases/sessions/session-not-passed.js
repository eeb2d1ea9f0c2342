// withTransaction whose operations carry no session: they are not undone.
import { observe } from '../../support/observe.js';

export default async function up(db, client) {
  const { attempt, note } = observe(db);
  const session = client.startSession();
  await attempt('fails', () => session.withTransaction(async () => {
    await db.collection('orders').insertOne({ _id: 900 });
    throw new Error('too late');
  }));
  await attempt(
    'works', () => session.withTransaction(async () => db.collection('orders').updateOne({ _id: 900 }, { $set: { kept: true } }))
  );
  await session.endSession();
  await note('kept', await db.collection('orders').findOne({ _id: 900 }));
}

export const rollback = db => db.collection('orders').deleteOne({ _id: 900 });

// Creating collections and indexes inside a transaction.
import { observe } from '../../support/observe.js';

export default async function up(db, client) {
  const { attempt, note } = observe(db);
  const session = client.startSession();
  await attempt('create', () => session.withTransaction(async () => {
    await db.createCollection('made', { session });
    await db.collection('made').createIndex({ a: 1 }, { session });
    await db.collection('made').insertOne({ _id: 1 }, { session });
  }));
  await attempt('aborted', () => session.withTransaction(async () => {
    await db.createCollection('never', { session });
    throw new Error('no');
  }));
  await attempt(
    'insert makes the collection',
    () => session.withTransaction(async () => { await db.collection('made2').insertOne({ _id: 1 }, { session }); })
  );
  await session.endSession();
  await note(
    'collections',
    (await db.listCollections({ name: /^(made|never)/ }, { nameOnly: true }).toArray()).map(({ name }) => name).sort()
  );
}

export async function rollback(db) {
  await db.collection('made').drop();
  await db.collection('made2').drop();
}

// endSession with a transaction in progress aborts it; using the session afterwards fails.
import { observe } from '../../support/observe.js';

export default async function up(db, client) {
  const { attempt, note } = observe(db);
  const things = db.collection('things');
  await things.insertOne({ _id: 0 });
  const session = client.startSession();
  session.startTransaction();
  await things.insertOne({ _id: 1 }, { session });
  await attempt('end', () => session.endSession());
  await attempt('end again', () => session.endSession());
  await attempt('use', () => things.insertOne({ _id: 2 }, { session }));
  await attempt('find', () => things.find({}, { session }).toArray());
  await attempt('start', () => session.startTransaction());
  await attempt('withTransaction', () => session.withTransaction(async () => {}));
  await note('stored', await things.find().toArray());
}

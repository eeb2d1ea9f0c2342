// A promise as a condition is always true.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const exists = db.collection('orders').findOne({ _id: 'nobody' });
  if (exists) await db.collection('orders').updateOne({ _id: 1 }, { $set: { wrong: true } });
  await note('a property of a promise', [
    db.collection('orders').countDocuments().length, typeof exists.then, (await exists) === null,
  ]);
}

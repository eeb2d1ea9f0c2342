// A write that nobody awaits at once; a later read on the same connection waits for its promise.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const write = db.collection('orders').updateMany({}, { $set: { late: true } });
  await note('pending', write instanceof Promise);
  await write;
  await note('now', await db.collection('orders').countDocuments({ late: true }));
}

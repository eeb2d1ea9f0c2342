// Errors that the script swallows leave a migration that succeeded.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  try {
    await db.collection('orders').insertMany([{ _id: 'x' }, { _id: 1 }, { _id: 'y' }]);
  } catch {
    // Swallowed on purpose.
  }
  await db.collection('users').dropIndex('nope').catch(() => undefined);
  await note('count', await db.collection('orders').countDocuments());
}

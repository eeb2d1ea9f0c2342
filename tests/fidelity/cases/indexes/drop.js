// dropIndex and dropIndexes.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const users = db.collection('users');
  await attempt('by name', () => users.dropIndex('email_unique'));
  await attempt('by name again', () => users.dropIndex('email_unique'));
  await attempt('by keys', () => users.dropIndex({ age: 1, name: -1 }));
  await attempt('by keys that are not there', () => users.dropIndex({ zzz: 1 }));
  await attempt('the id', () => users.dropIndex('_id_'));
  await attempt(
    'by list',
    async () => { await users.createIndexes([{ key: { x: 1 } }, { key: { y: 1 } }]); return users.dropIndex(['x_1', 'y_1']); }
  );
  await attempt('nothing', () => users.dropIndex());
  await attempt('star', () => users.dropIndex('*'));
  await attempt('dropIndexes', () => users.dropIndexes());
  await attempt('dropIndexes on nothing', () => db.collection('nowhere').dropIndexes());
  await attempt('dropIndex on nothing', () => db.collection('nowhere').dropIndex('x_1'));
  await note('left', await users.indexes());
}

export async function rollback(db) {
  await db.collection('users').createIndex({ email: 1 }, { unique: true, name: 'email_unique' });
}

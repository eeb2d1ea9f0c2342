// Looking at indexes: indexes, listIndexes, indexInformation, indexExists.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  const users = db.collection('users');
  await attempt('indexes', () => users.indexes());
  await attempt('indexes, not full', () => users.indexes({ full: false }));
  await attempt('listIndexes', () => users.listIndexes().toArray());
  await attempt(
    'listIndexes by hand',
    async () => { const c = users.listIndexes(); const out = []; while (await c.hasNext()) out.push((await c.next()).name); return out; }
  );
  await attempt(
    'listIndexes for await',
    async () => { const out = []; for await (const { name } of users.listIndexes({ batchSize: 1 })) out.push(name); return out; }
  );
  await attempt('indexInformation', () => users.indexInformation());
  await attempt('indexInformation full', () => users.indexInformation({ full: true }));
  await attempt('of the database', () => db.indexInformation('users'));
  await attempt('of the database, full', () => db.indexInformation('users', { full: true }));
  await attempt('exists', () => users.indexExists('email_unique'));
  await attempt('all exist', () => users.indexExists(['email_unique', '_id_']));
  await attempt('one does not', () => users.indexExists(['email_unique', 'nope']));
  await attempt('nowhere: indexes', () => db.collection('nowhere').indexes());
  await attempt('nowhere: exists', () => db.collection('nowhere').indexExists('x'));
  await attempt('nowhere: information', () => db.collection('nowhere').indexInformation());
  await attempt('nowhere: of the database', () => db.indexInformation('nowhere'));
}

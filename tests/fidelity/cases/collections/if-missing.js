// Guards around creation and removal.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const existing = new Set((await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name));
  for (const name of ['orders', 'invoices', 'payments']) if (!existing.has(name)) await db.createCollection(name);
  for (const name of ['orders', 'nowhere']) {
    try {
      await db.createCollection(name);
      await note('made', name);
    } catch (error) {
      if (error.codeName !== 'NamespaceExists' && error.code !== 48) throw error;
      await note('was there', [name, error.message]);
    }
  }
  const [found] = await db.listCollections({ name: 'nowhere' }).toArray();
  if (found) await db.collection('nowhere').drop();
  await db.collection('does_not_exist').drop().catch(error => note('caught', [error.code, error.message]));
}

export async function rollback(db) {
  await Promise.all(['invoices', 'payments'].map(name => db.dropCollection(name)));
}

// removeOne and removeMany inside bulkWrite.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  await attempt('removeOne', () => db.collection('orders').bulkWrite([{ removeOne: { filter: { _id: 1 } } }]));
  await attempt('removeMany', () => db.collection('orders').bulkWrite([{ removeMany: { filter: { customer: 'c1' } } }]));
}

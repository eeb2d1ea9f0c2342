// options, isCapped, names and settings of collections and databases.
import { observe } from '../../support/observe.js';

export default async function up(db, client) {
  const { attempt, note } = observe(db);
  await db.createCollection('capped', { capped: true, size: 4096, max: 5 });
  await attempt('options', () => db.collection('capped').options());
  await attempt('no options', () => db.collection('orders').options());
  await attempt('validator', () => db.collection('strict').options());
  await attempt('options of nothing', () => db.collection('nowhere').options());
  await attempt('isCapped', () => db.collection('capped').isCapped());
  await attempt('isCapped not', () => db.collection('orders').isCapped());
  await attempt('isCapped of nothing', () => db.collection('nowhere').isCapped());
  const orders = db.collection('orders');
  await note('names', [orders.collectionName, orders.dbName, orders.namespace, db.databaseName, db.namespace]);
  await note('settings', [
    orders.readConcern, orders.writeConcern, orders.hint, orders.timeoutMS, db.readConcern, db.writeConcern, db.secondaryOk,
    db.timeoutMS,
  ]);
  await note('read preference', [orders.readPreference?.mode, db.readPreference?.mode, client.readPreference?.mode]);
  const special = db.collection('x', {
    readConcern: { level: 'local' }, writeConcern: { w: 1, j: true }, readPreference: 'secondaryPreferred',
  });
  await note('given', [special.readConcern, special.writeConcern, special.readPreference?.mode]);
  await note('relations', [orders.db === db, db.client === client, db.collection('orders') === orders]);
  orders.hint = { _id: 1 };
  await note('hint', [orders.hint, await orders.countDocuments({ _id: { $lt: 3 } })]);
  await note('not there', [typeof db.topology, typeof orders.name, typeof db.orders]);
}

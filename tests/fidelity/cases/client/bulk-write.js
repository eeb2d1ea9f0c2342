// client.bulkWrite over several collections.
import { observe } from '../../support/observe.js';

export default async function up(db, client) {
  const { attempt } = observe(db);
  const ns = name => `${db.databaseName}.${name}`;
  await attempt('mixed', () => client.bulkWrite([
    {
      namespace: ns('orders'), name: 'insertOne', document: { _id: 1100 },
    }, {
      namespace: ns('users'), name: 'updateMany', filter: {}, update: { $set: { bulk: true } },
    }, { namespace: ns('orders'), name: 'deleteOne', filter: { _id: 1 } },
    {
      namespace: ns('orders'), name: 'replaceOne', filter: { _id: 2 }, replacement: { r: 1 },
    }, { namespace: ns('orders'), name: 'updateOne', filter: { _id: 1101 }, update: { $set: { u: 1 } }, upsert: true },
  ]));
  await attempt('verbose', () => client.bulkWrite(
    [
      { namespace: ns('orders'), name: 'insertOne', document: { _id: 1102 } },
      { namespace: ns('orders'), name: 'deleteMany', filter: { _id: 1102 } },
    ],
    { verboseResults: true }
  ));
  await attempt('empty', () => client.bulkWrite([]));
  await attempt('fails', () => client.bulkWrite(
    [
      { namespace: ns('orders'), name: 'insertOne', document: { _id: 3 } },
      { namespace: ns('orders'), name: 'insertOne', document: { _id: 1103 } },
    ],
    { ordered: false }
  ));
}

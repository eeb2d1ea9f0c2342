// What bulkWrite refuses.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  const orders = db.collection('orders');
  const lists = {
    empty: [], 'no array': { insertOne: {} }, 'null operation': [null], 'text operation': ['x'], 'empty operation': [{}],
    unknown: [{ nope: {} }], 'two keys': [{ insertOne: { document: { _id: 300 } }, deleteOne: { filter: { _id: 1 } } }],
    'no filter': [{ updateOne: { update: { $set: { a: 1 } } } }],
    'no update': [{ updateOne: { filter: { _id: 1 } } }],
    'no operators': [{ updateOne: { filter: { _id: 1 }, update: { a: 1 } } }],
    'operators in a replacement': [{ replaceOne: { filter: { _id: 1 }, replacement: { $set: { a: 1 } } } }],
    'no replacement': [{ replaceOne: { filter: { _id: 1 } } }],
    'delete without filter': [{ deleteOne: {} }], 'insert of null': [{ insertOne: null }],
    'insert of nothing': [{ insertOne: { document: undefined } }], 'empty update': [{ updateMany: { filter: {}, update: {} } }],
  };
  for (const [label, operations] of Object.entries(lists)) {
    await attempt(label, async () => {
      const { insertedCount, modifiedCount, deletedCount } = await orders.bulkWrite(operations);
      return { insertedCount, modifiedCount, deletedCount };
    });
  }
  await attempt('nothing', () => orders.bulkWrite());
  await attempt('wrong one late: nothing is sent', () => orders.bulkWrite([
    { insertOne: { document: { _id: 301 } } }, { updateOne: { filter: {}, update: { x: 1 } } },
  ]));
  await orders.deleteMany({ _id: { $type: 'objectId' } });
}

// findOneAndUpdate.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  const orders = db.collection('orders');
  const fields = { projection: { status: 1, a: 1, n: 1 } };
  await attempt('before', () => orders.findOneAndUpdate({ _id: 1 }, { $set: { a: 1 } }, fields));
  await attempt('after', () => orders.findOneAndUpdate({ _id: 1 }, { $inc: { a: 1 } }, { ...fields, returnDocument: 'after' }));
  await attempt('none', () => orders.findOneAndUpdate({ _id: 99 }, { $set: { a: 1 } }));
  await attempt('metadata', () => orders.findOneAndUpdate(
    { _id: 2 }, { $set: { a: 1 } }, { ...fields, includeResultMetadata: true }
  ));
  await attempt('metadata, none', () => orders.findOneAndUpdate(
    { _id: 99 }, { $set: { a: 1 } }, { includeResultMetadata: true }
  ));
  await attempt('upsert, before', () => orders.findOneAndUpdate({ _id: 600 }, { $set: { a: 1 } }, { upsert: true }));
  await attempt('upsert, after', () => orders.findOneAndUpdate(
    { _id: 601 }, { $setOnInsert: { n: 1 } }, { upsert: true, returnDocument: 'after' }
  ));
  await attempt('upsert, metadata', () => orders.findOneAndUpdate({ _id: 602 }, { $setOnInsert: { n: 1 } }, {
    upsert: true, returnDocument: 'after', includeResultMetadata: true,
  }));
  await attempt('sort', () => orders.findOneAndUpdate({ customer: 'c1' }, { $set: { n: 1 } }, { sort: { _id: -1 }, ...fields }));
  await attempt('sort list', () => orders.findOneAndUpdate(
    { customer: 'c1' }, { $set: { n: 2 } }, { sort: [['total', 'desc']], ...fields }
  ));
  await attempt('arrayFilters', () => orders.findOneAndUpdate(
    { _id: 3 }, { $set: { 'lines.$[l].qty': 0 } }, { arrayFilters: [{ 'l.sku': 's0' }], returnDocument: 'after' }
  ));
  await attempt('pipeline', () => orders.findOneAndUpdate(
    { _id: 4 }, [{ $set: { n: { $add: ['$total', 1] } } }], { ...fields, returnDocument: 'after' }
  ));
  await attempt('collation and hint', () => orders.findOneAndUpdate({ status: 'SENT' }, { $set: { n: 5 } }, {
    collation: { locale: 'en', strength: 2 }, sort: { _id: 1 }, hint: '_id_', ...fields,
  }));
  await attempt('returnOriginal is not known', () => orders.findOneAndUpdate(
    { _id: 5 }, { $set: { a: 9 } }, { returnOriginal: false, ...fields }
  ));
  await attempt(
    'returnNewDocument is not known',
    () => orders.findOneAndUpdate({ _id: 5 }, { $set: { a: 10 } }, { returnNewDocument: true, new: true, ...fields })
  );
  await attempt('no operators', () => orders.findOneAndUpdate({ _id: 5 }, { a: 1 }));
  await attempt('no filter', () => orders.findOneAndUpdate(null, { $set: { a: 1 } }));
  await attempt(
    'duplicate', () => db.collection('users').findOneAndUpdate({ age: 36 }, { $set: { email: 'grace@example.com' } })
  );
  await attempt('null options', () => orders.findOneAndUpdate({ _id: 6 }, { $set: { a: 1 } }, null));
}

export const rollback = db => db.collection('orders').deleteMany({ _id: { $gte: 600 } });

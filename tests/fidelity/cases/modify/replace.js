// findOneAndReplace.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  const orders = db.collection('orders');
  await attempt('before', () => orders.findOneAndReplace({ _id: 1 }, { r: 1 }));
  await attempt('after', () => orders.findOneAndReplace({ _id: 1 }, { r: 2 }, { returnDocument: 'after' }));
  await attempt('none', () => orders.findOneAndReplace({ _id: 99 }, { r: 1 }));
  await attempt('upsert', () => orders.findOneAndReplace({ _id: 98 }, { r: 1 }, { upsert: true, returnDocument: 'after' }));
  await attempt('metadata', () => orders.findOneAndReplace({ _id: 98 }, { r: 3 }, { includeResultMetadata: true }));
  await attempt('operators', () => orders.findOneAndReplace({ _id: 1 }, { $set: { a: 1 } }));
  await attempt(
    'projection and sort',
    () => orders.findOneAndReplace({ status: 'paid' }, { r: 4 }, { sort: { _id: 1 }, projection: { status: 1 } })
  );
  await attempt('null', () => orders.findOneAndReplace({ _id: 1 }, null));
  await attempt('nothing', () => orders.findOneAndReplace({ _id: 1 }));
}

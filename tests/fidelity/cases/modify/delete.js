// findOneAndDelete.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const orders = db.collection('orders');
  await attempt('one', () => orders.findOneAndDelete({ _id: 1 }));
  await attempt('none', () => orders.findOneAndDelete({ _id: 1 }));
  await attempt('sort and projection', () => orders.findOneAndDelete({}, { sort: { _id: -1 }, projection: { status: 1 } }));
  await attempt('metadata', () => orders.findOneAndDelete({ _id: 2 }, { includeResultMetadata: true, projection: { _id: 1 } }));
  await attempt('metadata, none', () => orders.findOneAndDelete({ _id: 2 }, { includeResultMetadata: true }));
  await attempt('collation', () => orders.findOneAndDelete({ status: 'SENT' }, {
    collation: { locale: 'en', strength: 1 }, sort: { _id: 1 }, projection: { _id: 1 },
  }));
  await attempt('no filter', () => orders.findOneAndDelete());
  await attempt('wrong', () => orders.findOneAndDelete({ $nope: 1 }));
  await note('left', await orders.countDocuments());
}

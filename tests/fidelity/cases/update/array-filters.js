// Positional operators and arrayFilters.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const orders = db.collection('orders');
  await attempt('$', () => orders.updateMany({ 'lines.sku': 's0' }, { $set: { 'lines.$.sku': 'S0' } }));
  await attempt('$[]', () => orders.updateMany({ _id: { $lte: 2 } }, { $inc: { 'lines.$[].qty': 10 } }));
  await attempt('$[id]', () => orders.updateMany(
    {}, { $set: { 'lines.$[many].many': true } }, { arrayFilters: [{ 'many.qty': { $gte: 3 } }] }
  ));
  await attempt('missing filter', () => orders.updateMany({}, { $set: { 'lines.$[many].many': true } }));
  await attempt('by index', () => orders.updateOne({ _id: 3 }, { $set: { 'lines.1.sku': 'by index', 'lines.4.sku': 'beyond' } }));
  await attempt('$ without match', () => orders.updateOne({ _id: 3 }, { $set: { 'lines.$.sku': 1 } }));
  await note('orders', await orders.find({}, { projection: { lines: 1 } }).sort({ _id: 1 }).toArray());
}

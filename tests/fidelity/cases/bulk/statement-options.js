// collation, hint, arrayFilters, upsert, sort on a single statement.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const orders = db.collection('orders');
  await attempt('options', () => orders.bulkWrite([
    { updateMany: {
      filter: { status: 'PAID' }, update: { $set: { collated: true } }, collation: { locale: 'en', strength: 2 },
    } },
    { updateMany: { filter: {}, update: { $set: { 'lines.$[l].big': true } }, arrayFilters: [{ 'l.qty': { $gt: 2 } }] } },
    { updateOne: { filter: { customer: 'c1' }, update: { $set: { hinted: true } }, hint: 'customer_1_at_-1' } },
    { updateOne: { filter: {}, update: { $set: { last: true } }, sort: { _id: -1 } } },
    { updateMany: { filter: { _id: { $lt: 3 } }, update: [{ $set: { twice: { $multiply: ['$total', 2] } } }] } },
    { deleteOne: { filter: { status: 'SENT' }, collation: { locale: 'en', strength: 2 } } },
    { replaceOne: { filter: { _id: 4 }, replacement: { r: 1 }, hint: { _id: 1 } } },
  ]));
  await attempt('let', () => orders.bulkWrite(
    [{ updateMany: { filter: { $expr: { $eq: ['$_id', '$$id'] } }, update: { $set: { byLet: true } } } }], { let: { id: 5 } }
  ));
  await attempt('bypass', () => db.collection('strict').bulkWrite(
    [{ insertOne: { document: { _id: 70 } } }], { bypassDocumentValidation: true }
  ));
  await attempt('refused', () => db.collection('strict').bulkWrite(
    [{ insertOne: { document: { _id: 71 } } }, { insertOne: { document: { _id: 72, name: 'x' } } }], { ordered: false }
  ));
  await attempt('wrong hint', () => orders.bulkWrite([{ deleteOne: { filter: {}, hint: 'nope' } }]));
  await note('orders', await orders.find().sort({ _id: 1 }).toArray());
}

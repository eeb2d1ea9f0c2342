// deleteOne and deleteMany.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const orders = db.collection('orders');
  await attempt('one', () => orders.deleteOne({ customer: 'c1' }));
  await attempt('none', () => orders.deleteOne({ customer: 'nobody' }));
  await attempt('hint', () => orders.deleteOne({ customer: 'c1' }, { hint: { customer: 1, at: -1 } }));
  await attempt('wrong hint', () => orders.deleteOne({ customer: 'c1' }, { hint: 'nope' }));
  await attempt('collation', () => orders.deleteMany({ customer: 'C2' }, { collation: { locale: 'en', strength: 2 } }));
  await attempt('let', () => orders.deleteMany({ $expr: { $eq: ['$_id', '$$id'] } }, { let: { id: 4 } }));
  await attempt('null filter', () => orders.deleteOne(null));
  await attempt('text filter', () => orders.deleteOne('x'));
  await attempt('wrong operator', () => orders.deleteMany({ _id: { $nope: 1 } }));
  await attempt('no filter deletes one', () => orders.deleteOne());
  await note('left', await orders.find({}, { projection: { _id: 1 } }).sort({ _id: 1 }).toArray());
  await attempt('no filter deletes all', () => orders.deleteMany());
  await attempt('on no collection', () => db.collection('nowhere').deleteMany({}));
}

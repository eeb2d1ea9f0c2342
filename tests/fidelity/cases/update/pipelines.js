// Updates by aggregation pipeline.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const orders = db.collection('orders');
  await attempt('computed', () => orders.updateMany({}, [{ $set: {
    sum: { $multiply: ['$total', 2] }, count: { $size: '$lines' },
  } }]));
  await attempt('unset', () => orders.updateMany({ _id: { $lt: 3 } }, [{ $unset: ['customer', 'at'] }]));
  await attempt('conditional', () => orders.updateMany({}, [{ $set: { size: { $switch: {
    branches: [{ case: { $lt: ['$total', 50] }, then: 'small' }, { case: { $lt: ['$total', 100] }, then: 'middle' }],
    default: 'large',
  } } } }]));
  await attempt('mapped', () => orders.updateOne({ _id: 4 }, [{ $set: { lines: { $map: {
    input: '$lines', as: 'l', in: { $mergeObjects: ['$$l', { total: { $multiply: ['$$l.qty', 2] } }] },
  } } } }]));
  await attempt('replaced', () => orders.updateOne({ _id: 5 }, [{ $replaceWith: { _id: '$_id', was: '$status' } }]));
  await attempt('literal', () => orders.updateOne({ _id: 6 }, [{ $set: {
    text: { $literal: '$notAField' }, joined: { $concat: ['$customer', '-', '$status'] },
  } }]));
  await attempt('let', () => orders.updateMany(
    { $expr: { $eq: ['$customer', '$$who'] } }, [{ $set: { mine: '$$who' } }], { let: { who: 'c1' } }
  ));
  await note('orders', await orders.find().sort({ _id: 1 }).toArray());
}

export async function rollback(db) {
  await db.collection('orders').updateMany({}, [{ $unset: ['sum', 'count', 'size', 'mine'] }]);
}

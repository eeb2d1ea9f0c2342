// replaceOne: results, ids, mistakes.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const orders = db.collection('orders');
  await attempt('plain', () => orders.replaceOne({ _id: 1 }, { replaced: true, list: [1] }));
  await attempt('same', () => orders.replaceOne({ _id: 1 }, { replaced: true, list: [1] }));
  await attempt('with its id', () => orders.replaceOne({ _id: 2 }, { _id: 2, replaced: true }));
  await attempt('with another id', () => orders.replaceOne({ _id: 3 }, { _id: 33, replaced: true }));
  await attempt('no match', () => orders.replaceOne({ _id: 77 }, { replaced: true }));
  await attempt('upsert', () => orders.replaceOne({ _id: 78 }, { replaced: true }, { upsert: true }));
  await attempt('operators', () => orders.replaceOne({ _id: 4 }, { $set: { a: 1 } }));
  await attempt('operators later', () => orders.replaceOne({ _id: 4 }, { a: 1, $set: { a: 1 } }));
  await attempt('empty', () => orders.replaceOne({ _id: 4 }, {}));
  await attempt('null', () => orders.replaceOne({ _id: 4 }, null));
  await attempt('pipeline', () => orders.replaceOne({ _id: 4 }, [{ $set: { a: 1 } }]));
  await attempt('an array', () => orders.replaceOne({ _id: 4 }, []));
  await attempt('dots', () => orders.replaceOne({ _id: 5 }, { 'a.b': 1 }));
  await attempt('collation and hint', () => orders.replaceOne(
    { status: 'NEW' }, { byCollation: true }, { collation: { locale: 'en', strength: 1 }, hint: '_id_' }
  ));
  await attempt('sort', () => orders.replaceOne({}, { last: true }, { sort: { _id: -1 } }));
  await note('orders', await orders.find().sort({ _id: 1 }).toArray());
}

export async function rollback(db) {
  await db.collection('orders').deleteMany({ replaced: true });
}

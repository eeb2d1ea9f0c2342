// $merge and $out, iterated.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const orders = db.collection('orders');
  await attempt('$out', () => orders.aggregate([{ $match: { _id: { $lte: 3 } } }, { $out: 'archive' }]).toArray());
  await attempt('$merge', () => orders.aggregate([
    { $match: { _id: { $gt: 10 } } },
    { $merge: { into: 'archive', on: '_id', whenMatched: 'replace', whenNotMatched: 'insert' } },
  ]).toArray());
  await attempt('$merge with a pipeline', () => orders.aggregate([
    { $project: { status: 1 } },
    { $merge: { into: 'archive', whenMatched: [{ $set: { late: '$$new.status' } }], whenNotMatched: 'discard' } },
  ]).next());
  await attempt('$out by method', () => orders.aggregate([]).match({ _id: 5 }).out('five').toArray());
  await attempt('$merge that fails', () => orders.aggregate([{ $merge: { into: 'archive', whenMatched: 'fail' } }]).toArray());
  await attempt('out object', () => orders.aggregate([
    { $match: { _id: 6 } }, { $out: { db: db.databaseName, coll: 'six' } },
  ]).toArray());
  await attempt('forEach', () => orders.aggregate([{ $match: { _id: 7 } }, { $out: 'seven' }]).forEach(() => {}));
  await attempt('hasNext', () => orders.aggregate([{ $match: { _id: 8 } }, { $out: 'eight' }]).hasNext());
  await note(
    'archive', await db.collection('archive').find({}, { projection: { status: 1, late: 1 } }).sort({ _id: 1 }).toArray()
  );
}

export async function rollback(db) {
  for (const name of ['archive', 'five', 'six', 'seven', 'eight']) await db.collection(name).drop();
}

// bulkWrite, ordered: every kind, and the result with every getter.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const orders = db.collection('orders');
  const result = await orders.bulkWrite([
    { insertOne: { document: { _id: 100, n: 1 } } },
    { insertOne: { _id: 101, n: 2 } },
    { updateOne: { filter: { _id: 1 }, update: { $set: { a: 1 } } } },
    { updateMany: { filter: { customer: 'c1' }, update: { $set: { b: 1 } } } },
    { updateOne: { filter: { _id: 102 }, update: { $set: { n: 3 } }, upsert: true } },
    { replaceOne: { filter: { _id: 2 }, replacement: { replaced: true } } },
    { replaceOne: { filter: { _id: 103 }, replacement: { replaced: true }, upsert: true } },
    { deleteOne: { filter: { _id: 3 } } },
    { deleteMany: { filter: { customer: 'c2' } } },
  ]);
  await note('result', result);
  await note('getters', [
    result.ok, result.isOk(), result.hasWriteErrors(), result.getWriteErrorCount(), result.getWriteErrors(),
    result.getWriteErrorAt(0), result.getWriteConcernError(), result.getUpsertedIdAt(0), result.getUpsertedIdAt(1),
    result.getUpsertedIdAt(9),
  ]);
  await note('raw', result.getRawResponse());
  await note('text', [String(result), JSON.stringify(result)]);
  await note('old getters', [typeof result.getInsertedIds, typeof result.nInserted, typeof result.getLastOp]);
}

export async function rollback(db) {
  await db.collection('orders').bulkWrite([{ deleteMany: { filter: { _id: { $gte: 100 } } } }]);
}

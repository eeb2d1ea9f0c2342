// bulkWrite, unordered, with errors in the middle.
import { MongoBulkWriteError, MongoServerError } from 'mongodb';
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const orders = db.collection('orders');
  const operations = () => [
    { insertOne: { document: { _id: 1 } } }, { insertOne: { document: { _id: 200 } } },
    { updateOne: { filter: { _id: 2 }, update: { $set: { _id: 5 } } } },
    { updateOne: { filter: { _id: 201 }, update: { $set: { u: 1 } }, upsert: true } },
    { deleteOne: { filter: { _id: 3 } } }, { insertOne: { document: { _id: 200 } } }, { updateMany: {
      filter: { status: 'new' }, update: { $inc: { customer: 1 } },
    } }, { insertOne: { document: { _id: 202 } } },
  ];
  await attempt('unordered', () => orders.bulkWrite(operations(), { ordered: false }));
  await attempt('ordered', () => orders.bulkWrite(operations()));
  try {
    await orders.bulkWrite(operations(), { ordered: false });
  } catch (error) {
    await note('instances', [error instanceof MongoBulkWriteError, error instanceof MongoServerError, error instanceof Error]);
    await note('counts', [
      error.insertedCount, error.matchedCount, error.modifiedCount, error.deletedCount, error.upsertedCount, error.insertedIds,
      error.upsertedIds,
    ]);
    await note('result', [
      error.result.getWriteErrorCount(), error.result.hasWriteErrors(), String(error.result),
      error.result.getRawResponse().nInserted,
    ]);
    await note('write errors', error.writeErrors.map(one => [
      one.code, one.index, one.errmsg, one.errInfo, one.getOperation(), one.toJSON(), String(one),
    ]));
    await note('first', error.result.getWriteErrorAt(0));
    await note('keys', Object.keys(error).filter(key => key !== 'errorLabelSet'));
    await note('plain', error.toString());
  }
}

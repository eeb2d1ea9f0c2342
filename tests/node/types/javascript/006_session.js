// Sessions, errors, bulk builders, commands.
import { MongoBulkWriteError, MongoServerError, ReadConcernLevel, ReadPreference, WriteConcern } from 'mongodb';

export const transaction = false;

/**
 * @param {import('mongodb').Db} db
 * @param {import('mongodb').MongoClient} client
 */
export async function up(db, client) {
  const session = client.startSession({ causalConsistency: true });
  try {
    const n = await session.withTransaction(async inner => {
      await db.collection('a').insertOne({ a: 1 }, { session: inner });
      return 1;
    }, { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } });
    session.startTransaction({ readConcern: ReadConcernLevel.local });
    await session.commitTransaction();
    console.log(n, session.inTransaction(), session.id);
  } catch (error) {
    if (error instanceof MongoBulkWriteError) console.log(error.result.insertedCount, error.writeErrors);
    else if (error instanceof MongoServerError && error.code === 11000) console.log(error.codeName, error.keyPattern, error.hasErrorLabel('TransientTransactionError'));
    else throw error;
  } finally {
    await session.endSession();
  }
  await client.withSession(async inner => { await db.collection('b').deleteOne({}, { session: inner }); });

  const bulk = db.collection('c').initializeUnorderedBulkOp();
  bulk.insert({ a: 1 });
  bulk.find({ a: 1 }).upsert().updateOne({ $set: { b: 1 } });
  bulk.find({ a: 2 }).delete();
  const result = await bulk.execute();
  console.log(bulk.length, result.insertedIds[0], result.hasWriteErrors());

  const { ok } = await db.command({ collMod: 'c', validator: { $jsonSchema: { bsonType: 'object' } } });
  await db.createCollection('d', { capped: true, size: 4096, max: 10, timeseries: undefined });
  await db.createCollection('v', { viewOn: 'c', pipeline: [{ $match: {} }] });
  const collection = db.collection('d', { readPreference: ReadPreference.secondaryPreferred, writeConcern: new WriteConcern('majority') });
  console.log(ok, collection.namespace, (await db.admin().listDatabases({ nameOnly: true })).databases.map(database => database.name));
  await db.admin().command({ setParameter: 1 });
  await client.bulkWrite([{ namespace: 'x.a', name: 'insertOne', document: { a: 1 } }, { namespace: 'x.b', name: 'deleteMany', filter: {} }], { verboseResults: true });
}

// Errors, sessions and values under strict rules.
import { BSON, Long, MongoServerError, MongoError, UUID } from 'mongodb';
import type { Db, MongoClient, ClientSession } from 'mongodb';
import type { Up } from 'whimbrel';

const up: Up = async (db: Db, client: MongoClient) => {
  const session: ClientSession = client.startSession();
  try {
    const result: number = await session.withTransaction(async () => 5);
    await db.collection<{ _id: string; n: number }>('named').insertOne({ _id: 'a', n: result }, { session });
  } catch (error) {
    if (error instanceof MongoServerError) console.log(error.code, error.message, error.errorLabels);
    else if (error instanceof MongoError && error.hasErrorLabel('TransientTransactionError')) console.log(error.name);
    else throw error;
  } finally {
    await session.endSession();
  }
  const uuid: UUID = new UUID();
  const long: Long = Long.fromBigInt(5n);
  console.log(uuid.toHexString(), long.toString(), BSON.calculateObjectSize({ uuid }), import.meta.url);
};

export default up;

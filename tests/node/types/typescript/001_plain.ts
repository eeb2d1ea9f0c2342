// A strict project, a collection without a type.
import type { Db, MongoClient } from 'mongodb';
import { ObjectId } from 'mongodb';
import { log } from 'whimbrel';
import { chunk } from './lib/chunk.ts';

export const transaction = true;

export default async function up(db: Db, client: MongoClient): Promise<void> {
  const users = db.collection('users');
  const all = await users.find({ name: { $exists: true }, deleted: null }).toArray();
  for (const part of chunk(all, 100)) {
    await users.bulkWrite(part.map(user => ({
      updateOne: { filter: { _id: user._id }, update: { $set: { name: String(user.name).trim(), ref: new ObjectId() } } },
    })));
  }
  log('info', client.db('a').databaseName, { n: all.length });
}

export const rollback = async (db: Db) => {
  await db.collection('users').updateMany({}, { $unset: { ref: '' } });
};

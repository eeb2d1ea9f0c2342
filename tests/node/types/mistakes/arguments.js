// Arguments of a wrong type, and options that do not exist.
import { Long, MongoClient } from 'mongodb';
import { log, progress } from 'whimbrel';

/** @param {import('mongodb').Db} db */
export async function up(db) {
  const a = db.collection('a');
  await a.updateOne({}, { $set: { b: 1 } }, { upsert: 'yes' }); // 2322
  await a.updateOne({}, { $set: { b: 1 } }, { upser: true }); // 2561
  await a.updateOne({}, { b: 1 }); // 2353
  await a.updateOne({}, { $sett: { b: 1 } }); // 2353
  await a.updateOne({ $or: { b: 1 } }, { $set: { b: 1 } }); // 2353
  await a.insertMany({ b: 1 }); // 2353
  await a.createIndex({ b: 1 }, { unique: 1 }); // 2322
  await a.createIndex({ b: 1 }, { uniqe: true }); // 2561
  await a.findOneAndUpdate({}, { $inc: { b: 1 } }, { returnDocument: 'afterwards' }); // 2769
  await a.bulkWrite([{ updateAll: { filter: {}, update: {} } }]); // 2353
  await a.find().limit('5').toArray(); // 2345
  await a.find({}, { sort: 5 }).toArray(); // 2769
  await a.find({}, { limit: '5' }).toArray(); // 2769
  await db.collection(5).drop(); // 2345
  await db.createCollection('c', { capped: 'yes' }); // 2322
  new MongoClient('mongodb://localhost'); // 2673
  Long.fromNumber('5'); // 2345
  log('information', 'text'); // 2345
  progress('half'); // 2345
}

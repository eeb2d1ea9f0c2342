// Names that do not exist. Each line that must be reported says with which number.
import { GridFSBucket, ObjectId } from 'mongodb'; // 2305
import { logg } from 'whimbrel'; // 2724
import * as nothing from 'no-such-package'; // 2307
import { BSON } from 'bson';

/**
 * @param {import('mongodb').Db} db
 * @param {import('mongodb').MongoClient} client
 */
export async function up(db, client) {
  await db.collection('a').updateMny({}, {}); // 2551
  await db.colection('a'); // 2551
  await db.collection('a').find().sortt({ a: 1 }); // 2551
  await db.collection('a').find({}).project({ a: 1 }).tooArray(); // 2551
  db.collection('a').watch(); // 2339
  client.database('x'); // 2339
  client.startSession().withTransactions(); // 2551
  for await (const index of db.collection('a').listIndexes()) index.name.nope(); // 2339
  db.collection('a').initializeOrderedBulkOp().find({}).updateMany({}); // 2339
  db.runCursorCommand({ x: 1 }).maxTimeMS(1); // 2551
  new ObjectId().toHex(); // 2339
  new BSON.ObjectId().toHex(); // 2339
  console.lg(process.enw, GridFSBucket, logg, nothing); // 2339 2339
  setTimeoutt(() => {}); // 2552
  fetch('https://example.com'); // 2304
}

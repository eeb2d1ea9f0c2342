// raw: documents as bytes.
import { deserialize } from 'bson';
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const docs = await db.collection('orders').find({ _id: { $lte: 2 } }, { raw: true, sort: { _id: 1 } }).toArray();
  await note('bytes', docs.map(bytes => [bytes instanceof Uint8Array, bytes.length]));
  await note('read', docs.map(bytes => deserialize(bytes)));
  await attempt('findOne', async () => deserialize(await db.collection('orders').findOne({ _id: 3 }, { raw: true })));
  await attempt('insert bytes', () => db.collection('orders').insertOne(docs[0], { raw: true }));
}

// serializeFunctions on the operation, the collection and the database.
import { observe } from '../../support/observe.js';

export default async function up(db, client) {
  const { note } = observe(db);
  const make = _id => ({ _id, f: function add(a, b) { return a + b; }, g: a => a, m() { return 1; }, list: [() => 1] });
  await db.collection('things').insertOne(make(1), { serializeFunctions: true });
  await db.collection('things', { serializeFunctions: true }).insertMany([make(2)]);
  await client.db(db.databaseName, { serializeFunctions: true }).collection('things').insertOne(make(3));
  await db.collection('things').insertOne(make(4));
  await db.collection('things').updateOne({ _id: 4 }, { $set: { h: () => 2 } }, { serializeFunctions: true });
  await note('read', await db.collection('things').find().toArray());
}

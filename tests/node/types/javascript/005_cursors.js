// Cursors of all kinds.

/** @param {import('mongodb').Db} db */
export async function up(db) {
  const users = db.collection('users');
  const cursor = users.find({ a: { $in: [1, 2] } }).project({ name: 1 }).sort({ name: 1, age: -1 }).sort('name', -1).limit(5).skip(1).batchSize(100).hint('a_1').collation({ locale: 'en' });
  let changed = 0;
  let batch = [];
  for await (const user of cursor) {
    batch.push({ updateOne: { filter: { _id: user._id }, update: { $set: { upper: user.name.toUpperCase() } } } });
    if (batch.length === 500) {
      const result = await users.bulkWrite(batch, { ordered: false });
      changed += result.modifiedCount;
      batch = [];
    }
  }
  const names = await users.find().map(user => user.name).toArray();
  while (await cursor.hasNext()) console.log(await cursor.next(), changed, names.length);
  await cursor.forEach(document => { console.log(document.name); });
  const groups = await users.aggregate([{ $match: { a: 1 } }]).group({ _id: '$city', n: { $sum: 1 } }).sort({ n: -1 }).toArray();
  await users.aggregate([{ $merge: { into: 'other' } }], { allowDiskUse: true }).toArray();
  for await (const info of db.listCollections({ name: /^u/ }, { nameOnly: true })) console.log(info.name);
  const [collection] = await db.listCollections({ name: 'users' }, { nameOnly: false }).toArray();
  console.log(groups[0].n, collection?.options?.validator);
  const plan = await users.find({ a: 1 }).explain('executionStats');
  for await (const stats of db.runCursorCommand({ checkMetadataConsistency: 1 }).setBatchSize(5)) console.log(stats, plan.ok);
  const stream = users.find().stream();
  stream.on('data', document => { console.log(document); });
  await cursor.close();
}

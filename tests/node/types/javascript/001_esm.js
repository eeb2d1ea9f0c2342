// Reads, writes and indexes of a collection without a type.

/** @param {import('mongodb').Db} db */
export default async function up(db) {
  const users = db.collection('users');
  const found = await users.findOne({ 'address.city': /^B/, age: { $gte: 18, $exists: true } });
  if (found) console.log(found._id, found.address.city);
  const update = { $set: { 'address.zip': '1', seen: new Date() }, $unset: { old: '' }, $inc: { n: 1 } };
  const { matchedCount, upsertedId } = await users.updateMany({ $or: [{ a: 1 }, { b: null }] }, update, { upsert: true, arrayFilters: [{ 'x.y': 1 }] });
  console.log('%d of %s', matchedCount, upsertedId);
  await users.updateOne({}, [{ $set: { a: '$b' } }, { $unset: 'c' }]);
  await users.replaceOne({ a: 1 }, { anything: true }, { upsert: true });
  const before = await users.findOneAndUpdate({ n: 1 }, { $mul: { n: 2 } }, { returnDocument: 'after', sort: { n: -1 }, projection: { n: 1 } });
  const raw = await users.findOneAndDelete({}, { includeResultMetadata: true });
  console.log(before?.n, raw.value?.n, raw.ok);
  await users.createIndex({ email: 1 }, { unique: true, partialFilterExpression: { email: { $type: 'string' } } });
  await users.createIndex(['a', 'b'], { sparse: true });
  await users.createIndexes([{ key: { a: 1, b: 'text' }, name: 'ab' }], { commitQuorum: 'majority' });
  for (const index of await users.indexes()) console.log(index.name, index.key);
  if (await users.indexExists(['ab'])) await users.dropIndex('ab');
  console.log(await users.distinct('city', { age: 1 }), await users.countDocuments({ a: 1 }, { limit: 5 }));
  await users.deleteMany({ a: { $in: [1, 'two', null] } });
}

/** @param {import('mongodb').Db} db */
export async function rollback(db) {
  await db.collection('users').drop();
}

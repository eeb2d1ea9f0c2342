// What runs, and what the package's own types refuse: ids of any type, sorts and updates in variables, options of collections.

/** @param {import('mongodb').Db} db */
export async function up(db) {
  const users = db.collection('users');
  const found = await users.findOne({ _id: 'a text' });
  await users.insertOne({ _id: 'missing', indexes: [] });
  await users.replaceOne({ _id: 1 }, { anything: true }, { upsert: true });
  await users.deleteMany({ _id: { $in: [1, 'two', null] } });
  const sort = { name: 1, age: -1 };
  await users.find({}, { sort }).sort(sort).toArray();
  const update = { $push: { tags: { $each: ['a'], $slice: -3 } }, $pull: { tags: 'b' }, $addToSet: { tags: 'c' } };
  await users.updateOne({ a: found?._id.anything }, update);
  const [collection] = await db.listCollections({ name: 'users' }).toArray();
  console.log(collection.options?.validator);
}

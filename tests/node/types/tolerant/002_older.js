// Calls of older drivers, which run and are marked as deprecated.

/** @param {import('mongodb').Db} db */
export async function up(db) {
  const users = db.collection('users');
  await users.insert([{ a: 1 }]);
  await users.update({ a: 1 }, { $set: { a: 2 } }, { multi: true });
  await users.remove({ a: 2 });
  await users.save({ a: 3 });
  await users.ensureIndex({ a: 1 });
  const { value } = await users.findAndModify({ a: 3 }, [['a', 1]], { $set: { a: 4 } }, { new: true });
  console.log(value, await users.count(), await users.find().count());
}

// Remove a field, keeping what it was in a backup collection.
export default async function up(db) {
  await db.collection('users').aggregate([
    { $match: { age: { $exists: true } } }, { $project: { age: 1 } }, { $out: 'users_age_backup' },
  ]).toArray();
  await db.collection('users').updateMany({}, { $unset: { age: '' } });
}

export async function rollback(db) {
  for await (const { _id, age } of db.collection('users_age_backup').find()) await db.collection('users').updateOne({ _id }, { $set: { age } });
  await db.collection('users_age_backup').drop();
}

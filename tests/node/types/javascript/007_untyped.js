// A migration as most are: nothing says what `db` is.
export default async function up(db) {
  await db.collection('users').updateMany({}, { $set: { a: 1 } });
}

export async function rollback(db) {
  await db.collection('users').updateMany({}, { $unset: { a: '' } });
}

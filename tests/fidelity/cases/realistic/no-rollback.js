// No rollback at all.
export default async function up(db) {
  await db.collection('orders').updateMany({}, { $set: { irreversible: true } });
}

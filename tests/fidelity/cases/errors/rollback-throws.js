// up succeeds, the rollback fails.
export default async function up(db) {
  await db.collection('orders').updateOne({ _id: 1 }, { $set: { up: true } });
}

export async function rollback(db) {
  await db.collection('orders').updateOne({ _id: 1 }, { $set: { down: true } });
  await db.collection('nowhere').drop();
  await db.collection('orders').dropIndex('nope');
}

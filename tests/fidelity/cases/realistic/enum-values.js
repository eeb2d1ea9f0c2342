// Map old values to new ones.
const MAP = { new: 'NEW', paid: 'PAID', sent: 'SHIPPED' };

export default async function up(db) {
  for (const [from, to] of Object.entries(MAP)) await db.collection('orders').updateMany({ status: from }, { $set: { status: to } });
}

export async function rollback(db) {
  for (const [to, from] of Object.entries(MAP)) await db.collection('orders').updateMany({ status: from }, { $set: { status: to } });
}

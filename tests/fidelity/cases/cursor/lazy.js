// Nothing is sent until a cursor is consumed.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const orders = db.collection('orders');
  const cursor = orders.find({ $nonsense: 1 });
  await note('made', cursor.closed);
  const late = orders.find({ late: true });
  await orders.insertOne({ _id: 50, late: true });
  await note('sees what came after', await late.toArray());
  await attempt('now it fails', () => cursor.toArray());
  await attempt('again', () => cursor.toArray());
  await note('closed', [cursor.closed, cursor.killed]);
  await orders.aggregate([{ $match: {} }, { $out: 'copy' }]);
  await note('no copy was made', await db.listCollections({ name: 'copy' }).toArray());
}

export const rollback = db => db.collection('orders').deleteOne({ _id: 50 });

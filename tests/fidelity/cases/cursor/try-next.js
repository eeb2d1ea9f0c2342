// tryNext on ordinary and empty cursors.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  const cursor = db.collection('orders').find({ _id: { $lte: 2 } }, { projection: { _id: 1 }, sort: { _id: 1 } });
  for (const round of [1, 2, 3, 4]) await attempt(`round ${round}`, () => cursor.tryNext());
  const empty = db.collection('orders').find({ _id: 'none' });
  await attempt('empty', () => empty.tryNext());
  await attempt('empty next', () => empty.next());
  await attempt('empty hasNext', () => empty.hasNext());
  await attempt('empty toArray', () => db.collection('nowhere').find().toArray());
}

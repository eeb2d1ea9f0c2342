// `typeof`, `instanceof` and arithmetic on what comes out of the database.
import { Long, ObjectId, Double, Decimal128, Binary, Timestamp } from 'mongodb';
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const all = Object.fromEntries((await db.collection('types').find().toArray()).map(({ _id, value }) => [_id, value]));
  await note('typeof', Object.entries(all).map(([key, value]) => `${key} ${typeof value}`));
  await note('constructors', Object.entries(all).map(([key, value]) => `${key} ${value?.constructor?.name}`));
  await note('instances', [
    all.longBig instanceof Long, all.objectId instanceof ObjectId, all.double instanceof Double,
    all.decimal instanceof Decimal128, all.binary instanceof Binary, all.timestamp instanceof Timestamp,
    all.timestamp instanceof Long,
  ]);
  await note('JSON', JSON.stringify(all));
  await note('texts', Object.entries(all).map(([key, value]) => `${key} ${String(value)}`));
  await note('sums', [all.long + 1, `${all.longBig}`, all.int * 2, all.longBig.add(1), Number(all.longBig), all.decimal + '']);
}

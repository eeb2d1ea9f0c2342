// Dates: the range, invalid ones, subclasses.
import { observe } from '../../support/observe.js';

class When extends Date {}

export default async function up(db) {
  const { note, attempt } = observe(db);
  const things = db.collection('things');
  const dates = [
    new Date(0), new Date(-1), new Date(8640000000000000), new Date(-8640000000000000), new Date('1969-12-31T23:59:59.999Z'),
    new When(5), new Date(2020, 0, 1, 12),
  ];
  await things.insertMany(dates.map((at, _id) => ({ _id, at })));
  await attempt('an invalid date', () => things.insertOne({ _id: 'invalid', at: new Date(NaN) }));
  await note('read', await things.find().toArray());
  await note('by range', await things.countDocuments({ at: { $gte: new Date(0), $lt: new Date('2100-01-01') } }));
}

export async function rollback(db) {
  await db.collection('things').drop();
}

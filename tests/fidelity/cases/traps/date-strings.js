// Dates as texts, as numbers, and as Date; Date() without new.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  await db.collection('things').insertOne({
    _id: 1, text: '2020-01-01', iso: new Date('2020-01-01').toISOString(), number: new Date('2020-01-01').getTime(),
    date: new Date('2020-01-01'), wrong: new Date('nope'),
  });
  await note('types', [typeof Date(), typeof new Date(0)]);
  await note('compared', await db.collection('things').countDocuments({ date: { $gt: '2019-01-01' } }));
}

// An empty Timestamp at the top level is filled by the server; elsewhere it stays.
import { Timestamp } from 'mongodb';
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const things = db.collection('things');
  await things.insertOne({ _id: 1, ts: new Timestamp({ t: 0, i: 0 }), inside: { ts: new Timestamp({ t: 0, i: 0 }) } });
  const doc = await things.findOne();
  await note('filled', [doc.ts.t > 0, doc.inside.ts.t === 0]);
  await things.updateOne({ _id: 1 }, { $set: { ts: new Timestamp({ t: 5, i: 5 }) } });
  await things.updateOne({ _id: 1 }, { $currentDate: { when: true, stamp: { $type: 'timestamp' } } });
  const dated = await things.findOne();
  await note('dated', [dated.when instanceof Date, dated.stamp.constructor.name, Math.abs(dated.when - Date.now()) < 60000]);
  await things.updateOne({ _id: 1 }, { $set: { when: new Date(0), stamp: new Timestamp({ t: 1, i: 1 }) } });
}

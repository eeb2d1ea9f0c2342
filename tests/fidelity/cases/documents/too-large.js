// Documents beyond the limits of the server.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const things = db.collection('things');
  await things.insertOne({ _id: 1, text: 'x'.repeat(1024 * 1024) });
  await note('length', (await things.findOne({ _id: 1 })).text.length);
  await things.deleteOne({ _id: 1 });
  await attempt('an insert of 16.5 MB', () => things.insertOne({ _id: 3, text: 'x'.repeat(16.5 * 1024 * 1024) }));
  await things.insertOne({ _id: 4, text: 'x'.repeat(12 * 1024 * 1024) });
  await attempt('an update to 16.5 MB', () => things.updateOne({ _id: 4 }, { $set: { more: 'x'.repeat(4.5 * 1024 * 1024) } }));
  await things.deleteOne({ _id: 4 });
  await attempt('an insert of 17 MB', () => things.insertOne({ _id: 2, text: 'x'.repeat(17 * 1024 * 1024) }));
  await note('count', await things.countDocuments());
}

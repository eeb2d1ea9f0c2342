// for await: all, break, return, throw; the cursor is closed afterwards.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const many = db.collection('many');
  let count = 0;
  for await (const doc of many.find({}, { batchSize: 30 })) count += doc._id >= 0 ? 1 : 0;
  await note('all', count);
  const broken = many.find({}, { batchSize: 30, sort: { _id: 1 } });
  for await (const doc of broken) if (doc._id === 45) break;
  await note('after break', [broken.closed, broken.killed]);
  await attempt('go on', () => broken.next());
  const thrown = many.find({}, { sort: { _id: 1 } });
  await attempt('throw', async () => { for await (const doc of thrown) if (doc._id === 3) throw new Error('three'); });
  await note('after throw', [thrown.closed, thrown.killed]);
  const first = await (async () => { for await (const doc of many.find().sort({ _id: -1 })) return doc; return undefined; })();
  await note('returned', first);
  outer: for await (const a of many.find({ _id: { $lt: 3 } }).sort({ _id: 1 })) {
    for await (const b of many.find({ _id: { $lt: 3 } }).sort({ _id: 1 })) {
      if (b._id === a._id) continue outer;
      await db.collection('pairs').insertOne({ _id: `${a._id}-${b._id}` });
    }
  }
}

export const rollback = db => db.collection('pairs').drop();

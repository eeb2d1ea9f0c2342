// Asynchronous generators over cursors.
import { observe } from '../../support/observe.js';

async function* batches(cursor, size) {
  let batch = [];
  try {
    for await (const doc of cursor) {
      batch.push(doc);
      if (batch.length === size) {
        yield batch;
        batch = [];
      }
    }
    if (batch.length > 0) yield batch;
  } finally {
    await cursor.close();
  }
}

async function* take(source, count) {
  let left = count;
  for await (const item of source) {
    if (left === 0) return;
    left -= 1;
    yield item;
  }
}

export default async function up(db) {
  const { note } = observe(db);
  const many = db.collection('many');
  const sizes = [];
  for await (const batch of batches(many.find().sort({ _id: 1 }), 60)) {
    sizes.push(batch.length);
    await many.updateMany({ _id: { $in: batch.map(doc => doc._id) } }, { $set: { batch: sizes.length } });
  }
  await note('sizes', sizes);
  const taken = [];
  for await (const [first] of take(batches(many.find().sort({ _id: 1 }), 5), 3)) taken.push(first._id);
  await note('taken', taken);
}

export const rollback = db => db.collection('many').updateMany({}, { $unset: { batch: 1 } });

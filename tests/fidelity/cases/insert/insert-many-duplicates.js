// Duplicates in the middle: ordered stops, unordered goes on.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  for (const ordered of [true, false, undefined]) {
    const things = db.collection(`things_${ordered}`);
    await attempt(`ordered ${ordered}`, () => things.insertMany(
      [{ _id: 1 }, { _id: 2 }, { _id: 1 }, { _id: 3 }, { _id: 2 }], { ordered }
    ));
    await note(`stored ${ordered}`, await things.find().toArray());
  }
  try {
    await db.collection('things_true').insertMany([{ _id: 8 }, { _id: 8, x: 1 }, { _id: 9 }]);
  } catch (error) {
    await note('read of the error', [
      error.code, error.insertedCount, error.result.insertedCount, error.writeErrors.length, error.writeErrors[0].err,
      error.writeErrors[0].getOperation(), error.result.insertedIds,
    ]);
  }
}

export async function rollback(db) {
  for (const name of ['things_true', 'things_false', 'things_undefined']) await db.collection(name).drop();
}

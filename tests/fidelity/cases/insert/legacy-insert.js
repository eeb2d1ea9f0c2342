// The old `insert` of a collection is gone from the driver.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const things = db.collection('things');
  await note('save, ensureIndex, findAndModify', [
    typeof things.save, typeof things.ensureIndex, typeof things.findAndModify, typeof things.mapReduce, typeof things.group,
    typeof things.aggregateOne,
  ]);
}

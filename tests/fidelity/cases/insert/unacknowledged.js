// w: 0 asks for no answer; a later write on the same data shows that it arrived.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const things = db.collection('things');
  const settled = async (filter, wanted) => {
    for (let i = 0; i < 200 && (await things.countDocuments(filter)) !== wanted; i += 1) await new Promise(resolve => { setTimeout(resolve, 5); });
  };
  await attempt('insertOne', () => things.insertOne({ _id: 1 }, { writeConcern: { w: 0 } }));
  await settled({ _id: 1 }, 1);
  await attempt('insertMany', () => things.insertMany([{ _id: 2 }, { _id: 3 }], { writeConcern: { w: 0 } }));
  await settled({}, 3);
  await attempt('updateMany', () => things.updateMany({}, { $set: { x: 1 } }, { writeConcern: { w: 0 } }));
  await settled({ x: 1 }, 3);
  await attempt('deleteOne', () => things.deleteOne({ _id: 3 }, { writeConcern: { w: 0 } }));
  await settled({}, 2);
  await note('left', await things.find().toArray());
}

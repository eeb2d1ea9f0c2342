// A Map is a document in the order of the Map; numeric keys keep their place.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const things = db.collection('things');
  await things.insertOne(new Map([
    ['_id', 1], ['b', 2], ['a', new Map([['10', 1], ['9', 2], ['x', [new Map([['2', 1], ['1', 2]])]]])],
  ]));
  await things.insertOne({ _id: 2, m: new Map(), n: new Map([['k', undefined]]) });
  await attempt('a key that is no string', () => things.insertOne({ _id: 3, m: new Map([[1, 'one'], [2, 'two']]) }));
  await note('result with an id of ours', await things.insertOne(new Map([['_id', 4], ['x', 1]])));
  await note('stored', await things.find().toArray());
  await note('raw keys', Object.keys((await things.findOne({ _id: 1 })).a));
}

export async function rollback(db) {
  await db.collection('things').drop();
}

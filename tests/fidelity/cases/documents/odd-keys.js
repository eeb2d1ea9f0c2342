// Keys that are special to JavaScript, or empty, or look like operators and paths.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const things = db.collection('things');
  const doc = {
    _id: 1, constructor: 1, toString: 2, hasOwnProperty: 3, '': 4, ' ': 5, 'naïve': 6, '日本': 7, length: 8, prototype: 9, then: 10,
    'a b': 11, valueOf: 12,
  };
  Object.defineProperty(doc, '__proto__', { value: { polluted: true }, enumerable: true, writable: true, configurable: true });
  await things.insertOne(doc);
  const back = await things.findOne({ _id: 1 });
  await note('keys', Object.keys(back));
  await note('own __proto__', Object.hasOwn(back, '__proto__') && back.__proto__);
  await note('nobody else is polluted', {}.polluted);
  await note('back', back);
  for (const [index, odd] of [
    { 'a.b': 1 }, { $set: 1 }, { a: { $inc: 1 } }, { a: { 'b.c': { $x: 1 } } }, { $a: 1, _id: 9 },
  ].entries()) {
    await attempt(`insert ${JSON.stringify(odd)}`, async () => {
      const { acknowledged } = await things.insertOne({ _id: `odd${index}`, ...odd });
      return acknowledged;
    });
  }
  await things.insertOne({ _id: 2, ...back, _id: 2 });
}

export async function rollback(db) {
  await db.collection('things').deleteMany({});
}

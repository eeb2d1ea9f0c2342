// Map, Set, WeakMap, generators, iterators over data from the database.
import { observe } from '../../support/observe.js';

function* chunks(list, size) { for (let i = 0; i < list.length; i += size) yield list.slice(i, i + size); }

export default async function up(db) {
  const { note } = observe(db);
  const orders = await db.collection('orders').find().sort({ _id: 1 }).toArray();
  const byCustomer = new Map();
  for (const order of orders) byCustomer.set(order.customer, [...(byCustomer.get(order.customer) ?? []), order._id]);
  await note('map', byCustomer);
  await note('set', new Set(orders.map(order => order.status)));
  for (const chunk of chunks(orders, 5)) await db.collection('chunks').insertOne({ _id: chunk[0]._id, ids: chunk.map(order => order._id) });
  await note('entries', Object.fromEntries([...byCustomer].map(([key, ids]) => [key, ids.length])));
  const gen = chunks([1, 2, 3], 2);
  await note('by hand', [gen.next(), gen.next(), gen.next()]);
  await note('symbol keys', [
    Object.getOwnPropertySymbols({ [Symbol('a')]: 1 }).length, Symbol.for('x') === Symbol.for('x'), Symbol('d').description,
  ]);
  await note('reflect', [
    Reflect.ownKeys({ b: 1, a: 2, 1: 3 }), Object.is(NaN, NaN), Array.isArray(orders[0].lines),
    Object.getPrototypeOf(orders[0]) === Object.prototype,
  ]);
}

// Promise.all, allSettled, race, any; chains; microtasks and timers in their order.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const order = [];
  setTimeout(() => order.push('timeout 0'), 0);
  const immediate = new Promise(resolve => { setImmediate(() => { order.push('immediate'); resolve(); }); });
  queueMicrotask(() => order.push('microtask'));
  Promise.resolve().then(() => order.push('then'));
  order.push('now');
  await null;
  order.push('after await');
  await new Promise(resolve => { setTimeout(resolve, 15); });
  await immediate;
  await note('order', order.filter(step => !['timeout 0', 'immediate'].includes(step)));
  await note('all ran', order.length);
  const ticks = [];
  const timer = setInterval(() => { ticks.push(ticks.length); if (ticks.length === 3) clearInterval(timer); }, 1);
  const never = setTimeout(() => ticks.push('never'), 1);
  clearTimeout(never);
  while (ticks.length < 3) await new Promise(resolve => { setTimeout(resolve, 1); });
  await note('ticks', ticks);
  await note('arguments', await new Promise(resolve => { setTimeout((a, b) => resolve([a, b]), 1, 'x', 2); }));
  await note('settled', await Promise.allSettled([1, Promise.reject(new Error('no')), db.collection('orders').countDocuments()]));
  await note('thenable', await { then(resolve) { resolve('from a thenable'); } });
  const wait = ms => new Promise(resolve => { setTimeout(resolve, ms); });
  await note('race', await Promise.race([wait(200).then(() => 'slow'), wait(1).then(() => 'fast')]));
  clearTimeout(undefined);
}

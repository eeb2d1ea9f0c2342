// Errors of the engine: classes, finally, nested try, cause.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  await attempt('property of undefined', async () => (await db.collection('orders').findOne({ _id: 'nope' })).status);
  await attempt('not a function', () => db.collection('orders').findMany({}));
  await attempt('not defined', () => notDefinedAnywhere);
  await attempt('const', () => { const x = 1; x = 2; return x; });
  await attempt('range', () => new Array(-1));
  await attempt('json', () => JSON.parse('{bad'));
  await attempt('bigint mix', () => 1n + 1);
  await attempt('cause', () => { throw new Error('outer', { cause: new TypeError('inner') }); });
  await attempt('frozen', () => { 'use strict'; Object.freeze({ a: 1 }).a = 2; });
  await attempt('recursion', () => { const f = () => f() + 1; return f(); });
  const order = [];
  await attempt(
    'finally',
    async () => { try { order.push('try'); throw new Error('x'); } catch { order.push('catch'); return 'caught'; } finally { order.push('finally'); } }
  );
  await note('order', order);
}

// map: chained, asynchronous, throwing, and giving null.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  const three = () => db.collection('orders').find({ _id: { $lte: 3 } }).sort({ _id: 1 });
  await attempt('one', () => three().map(doc => doc._id).toArray());
  await attempt('chained', () => three().map(doc => doc._id).map(id => id * 2).map(String).toArray());
  await attempt('async', async () => (await three().map(async doc => doc._id).toArray()).map(x => typeof x?.then));
  await attempt('throws', () => three().map(doc => { if (doc._id === 2) throw new Error('two'); return doc._id; }).toArray());
  await attempt('null', () => three().map(() => null).toArray());
  await attempt('null for one', () => three().map(doc => (doc._id === 2 ? null : doc._id)).toArray());
  await attempt('undefined', () => three().map(() => undefined).toArray());
  await attempt('next', () => three().map(doc => doc._id).next());
  await attempt(
    'for await', async () => { const out = []; for await (const x of three().map(doc => -doc._id)) out.push(x); return out; }
  );
  await attempt(
    'forEach', async () => { const out = []; await three().map(doc => doc._id + 0.5).forEach(x => { out.push(x); }); return out; }
  );
  await attempt('no function', () => three().map('x').toArray());
  await attempt(
    'has next and map',
    async () => { let calls = 0; const c = three().map(d => { calls += 1; return d; }); await c.hasNext(); await c.hasNext(); await c.next(); return calls; }
  );
}

// forEach: stops at false, ignores promises, errors come through.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const orders = () => db.collection('orders').find().sort({ _id: 1 });
  await attempt(
    'all',
    async () => { const ids = []; const given = await orders().forEach(doc => { ids.push(doc._id); }); return [given, ids]; }
  );
  await attempt(
    'false stops',
    async () => { const ids = []; await orders().forEach(doc => { ids.push(doc._id); return doc._id < 4; }); return ids; }
  );
  await attempt('throws', () => orders().forEach(doc => { if (doc._id === 2) throw new RangeError('two'); }));
  await attempt('no function', () => orders().forEach());
  const events = [];
  const work = [];
  await orders().limit(2).forEach(async doc => {
    events.push(`begin ${doc._id}`);
    await new Promise(resolve => { work.push(resolve); });
    events.push(`end ${doc._id}`);
  });
  events.push('forEach is over');
  for (const resolve of work) resolve();
  await new Promise(resolve => { setTimeout(resolve, 1); });
  await note('promises are not awaited', events);
}

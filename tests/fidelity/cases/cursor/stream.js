// stream(): events and for await.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  const orders = () => db.collection('orders').find({}, { projection: { _id: 1 }, sort: { _id: 1 } });
  await attempt(
    'for await', async () => { const ids = []; for await (const doc of orders().stream()) ids.push(doc._id); return ids; }
  );
  await attempt('events', () => new Promise((resolve, reject) => {
    const seen = [];
    orders().limit(3).stream().on('data', doc => seen.push(doc._id)).on('end', () => resolve([...seen, 'end'])).on('error', reject);
  }));
  await attempt('error', () => new Promise((resolve, reject) => {
    db.collection('orders').find({ $nope: 1 }).stream().on('data', () => {}).on('end', () => resolve('end')).on('error', reject);
  }));
  await attempt('pause and resume', () => new Promise((resolve, reject) => {
    const seen = [];
    const stream = orders().limit(4).stream();
    stream.on('data', async doc => {
      stream.pause();
      await db.collection('orders').updateOne({ _id: doc._id }, { $set: { streamed: true } });
      seen.push(doc._id);
      stream.resume();
    });
    stream.on('end', () => resolve(seen)).on('error', reject);
  }));
}

// The aggregation cursor iterated in every way.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const make = () => db.collection('many').aggregate([{ $sort: { _id: 1 } }, { $project: { _id: 1 } }], { batchSize: 50 });
  await attempt('next', () => make().next());
  await attempt('count', async () => { let n = 0; for await (const doc of make()) n += doc._id >= 0 ? 1 : 0; return n; });
  await attempt('toArray', async () => (await make().toArray()).length);
  const cursor = make();
  let rounds = 0;
  while (await cursor.hasNext()) {
    await cursor.next();
    rounds += 1;
    if (rounds === 60) break;
  }
  await note('stopped', [rounds, cursor.closed, cursor.bufferedCount()]);
  await cursor.close();
  await note('closed', [cursor.closed, cursor.killed]);
  cursor.rewind();
  await attempt('rewound', () => cursor.next());
  await cursor.close();
  await note('namespace', [String(cursor.namespace), cursor.constructor.name]);
}

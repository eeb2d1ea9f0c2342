// Changing a cursor that has begun.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  const cursor = db.collection('orders').find().sort({ _id: 1 });
  await cursor.next();
  const changes = {
    filter: c => c.filter({}), sort: c => c.sort({ a: 1 }), limit: c => c.limit(1), skip: c => c.skip(1),
    project: c => c.project({ a: 1 }), hint: c => c.hint('x'), batchSize: c => c.batchSize(2), map: c => c.map(x => x),
    maxTimeMS: c => c.maxTimeMS(1), comment: c => c.comment('x'), collation: c => c.collation({ locale: 'en' }),
    addCursorFlag: c => c.addCursorFlag('tailable', true), min: c => c.min({}), returnKey: c => c.returnKey(true),
    withReadPreference: c => c.withReadPreference('primary'), withReadConcern: c => c.withReadConcern({ level: 'local' }),
    allowDiskUse: c => c.allowDiskUse(),
  };
  for (const [label, change] of Object.entries(changes)) await attempt(label, () => change(cursor) === cursor);
  await cursor.close();
}

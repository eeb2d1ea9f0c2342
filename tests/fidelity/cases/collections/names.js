// Names that the driver or the server refuses.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  for (const name of [
    '', 'a..b', '.a', 'a.', '$a', 'a$b', 'a\0b', 'a.b', 'with space', 'ünï', 'oplog.$main', '$cmd', 'x'.repeat(230), 5, null,
    undefined, {}, ['a'],
  ]) {
    const label = typeof name === 'string' ? JSON.stringify(name).slice(0, 20) : `${typeof name} ${name}`;
    await attempt(`collection ${label}`, () => db.collection(name).collectionName.length);
    await attempt(`create ${label}`, async () => typeof (await db.createCollection(name)));
  }
  await attempt('a reserved name', () => db.createCollection('system.nope'));
  await attempt('insert into a dotted name', () => db.collection('a.b.c').insertOne({ _id: 1 }));
}

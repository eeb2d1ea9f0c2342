// Extended JSON, relaxed and canonical.
import { EJSON } from 'bson';
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const docs = await db.collection('types').find({}, { promoteValues: true, sort: { _id: 1 } }).toArray();
  const relaxed = EJSON.stringify(docs);
  const canonical = EJSON.stringify(docs, { relaxed: false });
  await note('relaxed', JSON.parse(relaxed));
  await note('canonical', JSON.parse(canonical));
  await note('parsed', EJSON.parse(relaxed));
  await note('parsed, canonical', EJSON.parse(canonical, { relaxed: false }));
  await db.collection('copy').insertMany(EJSON.parse(canonical, { relaxed: false }));
  await note('indented', EJSON.stringify({ a: 1, d: new Date(0) }, null, 2));
  await note('replacer', EJSON.stringify({ a: 1, b: 2 }, (key, value) => (key === 'b' ? undefined : value)));
}

export const rollback = db => db.collection('copy').drop();

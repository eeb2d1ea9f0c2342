// db.aggregate.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  await attempt('$documents', () => db.aggregate([{ $documents: [{ a: 1 }, { a: 2 }] }, { $match: { a: 2 } }]).toArray());
  await attempt('into a collection', () => db.aggregate([
    { $documents: [{ _id: 1 }, { _id: 2 }] }, { $merge: { into: 'made' } },
  ]).toArray());
  await attempt('no collection', () => db.aggregate([{ $match: {} }]).toArray());
}

export const rollback = db => db.collection('made').drop();

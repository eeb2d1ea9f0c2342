// createCollection with its options.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const make = (name, options) => attempt(
    name,
    async () => { const made = await db.createCollection(name, options); return [made.constructor.name, made.collectionName, made.namespace]; }
  );
  await make('plain');
  await make('capped', { capped: true, size: 8192, max: 10 });
  await make('validated', {
    validator: { $jsonSchema: { bsonType: 'object', required: ['a'] } }, validationLevel: 'moderate', validationAction: 'warn',
  });
  await make('filtered', { validator: { a: { $gt: 5 } } });
  await make('collated', { collation: { locale: 'de', strength: 1 } });
  await make('times', { timeseries: { timeField: 'at', metaField: 'meta', granularity: 'hours' }, expireAfterSeconds: 86400 });
  await make('seen', { viewOn: 'orders', pipeline: [{ $match: { status: 'paid' } }, { $project: { total: 1 } }] });
  await make('clustered', { clusteredIndex: { key: { _id: 1 }, unique: true, name: 'by id' } });
  await make('unknown_options', { nonsense: true, strict: true, w: 1 });
  await make('plain');
  await make('with_comment', { comment: 'c', maxTimeMS: 1000 });
  await make('nulls', { validator: null, capped: undefined });
  await db.collection('capped').insertMany(Array.from({ length: 15 }, (_, _id) => ({ _id })));
  await note('capped keeps ten', await db.collection('capped').find().toArray());
  await note('the view', await db.collection('seen').find().sort({ _id: 1 }).toArray());
  await attempt('writing to a view', () => db.collection('seen').insertOne({ _id: 1 }));
  await db.collection('times').insertMany([{ at: new Date('2022-01-01T00:00:00Z'), meta: 'm', v: 1 }].map(doc => ({ _id: 5, ...doc })));
  await note('times', await db.collection('times').find({}, { projection: { v: 1, at: 1 } }).toArray());
  await attempt('moderate', () => db.collection('validated').insertOne({ _id: 1 }));
}

export async function rollback(db) {
  for (const name of [
    'plain', 'capped', 'validated', 'filtered', 'collated', 'times', 'seen', 'clustered', 'unknown_options', 'with_comment',
    'nulls',
  ]) await db.collection(name).drop();
}

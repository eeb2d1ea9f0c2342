// find and its options.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  const users = db.collection('users');
  const run = (label, filter, options) => attempt(label, () => users.find(filter, options).toArray());
  await run('projection', {}, { projection: { email: 1, _id: 0 }, sort: { email: 1 } });
  await run('exclusion', {}, { projection: { address: 0, tags: 0 }, sort: { email: 1 } });
  await run('expressions', {}, {
    projection: { _id: 0, up: { $toUpper: '$name' }, first: { $slice: ['$tags', 1] } }, sort: { email: 1 },
  });
  await run('sort forms', {}, { sort: [['age', -1], ['email', 1]], projection: { email: 1, _id: 0 } });
  await run('sort text', {}, { sort: 'email', projection: { email: 1, _id: 0 } });
  await run('sort words', {}, { sort: { email: 'desc' }, projection: { email: 1, _id: 0 } });
  await run('sort list of texts', {}, { sort: ['age', 'email'], projection: { email: 1, _id: 0 } });
  await run('sort map', {}, { sort: new Map([['age', 'ascending'], ['email', -1]]), projection: { email: 1, _id: 0 } });
  await run('limit and skip', {}, { sort: { email: 1 }, limit: 2, skip: 1, projection: { email: 1, _id: 0 } });
  await run('negative limit', {}, { sort: { email: 1 }, limit: -2, projection: { email: 1, _id: 0 } });
  await run('collation', { email: 'alan@example.com' }, {
    collation: { locale: 'en', strength: 2 }, projection: { email: 1, _id: 0 },
  });
  await run('hint', { age: 41 }, { hint: 'age_1_name_-1', projection: { email: 1, _id: 0 } });
  await run('wrong hint', { age: 41 }, { hint: 'nope' });
  await run('let', { $expr: { $eq: ['$age', '$$wanted'] } }, { let: { wanted: 36 }, projection: { email: 1, _id: 0 } });
  await run('returnKey', { age: 41 }, { returnKey: true, hint: { age: 1, name: -1 } });
  await run('maxTimeMS and comment', { age: 41 }, {
    maxTimeMS: 5000, comment: { why: 1 }, allowDiskUse: true, batchSize: 1, noCursorTimeout: true,
    projection: { email: 1, _id: 0 },
  });
  await run('singleBatch', {}, { singleBatch: true, batchSize: 2, sort: { email: 1 }, projection: { email: 1, _id: 0 } });
  await run('mixed projection', {}, { projection: { name: 1, age: 0 } });
  await run('fields is not known', { age: 36 }, { fields: { name: 1 } });
  await run('wrong sort', {}, { sort: { email: 'sideways' } });
  await run('wrong sort number', {}, { sort: { email: 3 } });
  await run('wrong limit', {}, { limit: 'two' });
  await run('wrong batch size', {}, { batchSize: 'two' });
  await run('null options', { age: 36 }, null);
}

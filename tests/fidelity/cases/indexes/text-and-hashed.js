// Text and hashed indexes, where the server has them.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  const things = db.collection('things');
  await things.insertOne({ _id: 1, title: 'x' });
  await attempt('text', () => things.createIndex({ title: 'text', body: 'text' }, {
    weights: { title: 10 }, default_language: 'german', name: 'words',
  }));
  await attempt('hashed', () => things.createIndex({ key: 'hashed' }));
  await attempt('text name', () => things.createIndex({ other: 'text' }));
}

// drop and dropCollection.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  await attempt('drop', () => db.collection('orders').drop());
  await attempt('drop again', () => db.collection('orders').drop());
  await attempt('dropCollection', () => db.dropCollection('users'));
  await attempt('dropCollection again', () => db.dropCollection('users'));
  await attempt('with options', () => db.collection('nowhere').drop({ comment: 'x', maxTimeMS: 1000 }));
  await attempt('wrong name', () => db.dropCollection(''));
  await attempt('no name', () => db.dropCollection());
  await attempt('null options', () => db.collection('strict').drop(null));
}

// findOne.
import { ObjectId } from 'mongodb';
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  const users = db.collection('users');
  await attempt('by id', () => users.findOne({ _id: new ObjectId('65f000000000000000000001') }));
  await attempt('none', () => users.findOne({ age: 1000 }));
  await attempt('projection and sort', () => users.findOne({}, { projection: { email: 1, _id: 0 }, sort: { email: -1 } }));
  await attempt('skip', () => users.findOne({}, { projection: { email: 1, _id: 0 }, sort: { email: 1 }, skip: 2 }));
  await attempt('skip too far', () => users.findOne({}, { skip: 20 }));
  await attempt('limit is ignored', () => users.findOne({}, { limit: 3, sort: { email: 1 }, projection: { email: 1 } }));
  await attempt('no arguments', async () => typeof (await users.findOne()));
  await attempt('an id as filter', () => users.findOne(new ObjectId('65f000000000000000000001')));
  await attempt('a text id', () => users.findOne({ _id: '65f000000000000000000001' }));
  await attempt('wrong operator', () => users.findOne({ age: { $nope: 1 } }));
  await attempt('empty collection', () => db.collection('nowhere').findOne({}));
}

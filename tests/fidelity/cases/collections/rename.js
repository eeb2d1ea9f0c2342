// rename and renameCollection.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const show = made => [made.constructor.name, made.collectionName, made.namespace];
  await attempt('rename', async () => show(await db.collection('orders').rename('old_orders')));
  await attempt('onto another', () => db.collection('old_orders').rename('users'));
  await attempt('dropTarget', async () => show(await db.collection('old_orders').rename('users', { dropTarget: true })));
  await attempt('nowhere', () => db.collection('nowhere').rename('x'));
  await attempt('to itself', () => db.collection('users').rename('users'));
  await attempt('renameCollection', async () => show(await db.renameCollection('users', 'people')));
  await attempt('renameCollection nowhere', () => db.renameCollection('nowhere', 'x'));
  await attempt('wrong name', () => db.collection('people').rename('$x'));
  await attempt('empty name', () => db.collection('people').rename(''));
  await attempt('no name', () => db.collection('people').rename());
  await attempt('null options', async () => show(await db.collection('people').rename('folk', null)));
  const old = db.collection('orders');
  await note('the old object', [old.collectionName, await old.countDocuments()]);
}

export async function rollback(db) {
  await db.collection('folk').rename('orders');
}

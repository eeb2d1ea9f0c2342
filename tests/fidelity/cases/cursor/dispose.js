// Symbol.asyncDispose, where the engine knows it.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const cursor = db.collection('orders').find();
  await cursor.next();
  await note('known', typeof Symbol.asyncDispose);
  await note('method', typeof cursor[Symbol.asyncDispose]);
  await cursor[Symbol.asyncDispose]();
  await note('closed', cursor.closed);
}

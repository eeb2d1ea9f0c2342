// A filter whose value is undefined means null: it matches what lacks the field.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const settings = {};
  const result = await db.collection('users').updateMany({ nickname: settings.nickname }, { $set: { matched: true } });
  await note('result', result);
  await note('deleted', await db.collection('orders').deleteMany({ customer: settings.customer }));
}

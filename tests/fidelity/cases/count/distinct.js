// distinct.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  const sorted = async values => (await values).map(String).sort();
  await attempt('values', () => sorted(db.collection('orders').distinct('status')));
  await attempt('filter', () => sorted(db.collection('orders').distinct('customer', { status: 'paid' })));
  await attempt('nested', () => sorted(db.collection('orders').distinct('lines.sku', { _id: { $lt: 3 } })));
  await attempt('arrays', () => sorted(db.collection('users').distinct('tags')));
  await attempt('missing', () => db.collection('users').distinct('nothing'));
  await attempt('dates', () => db.collection('orders').distinct('at', { _id: 1 }));
  await attempt('collation', () => db.collection('users').distinct(
    'email', { email: 'alan@example.com' }, { collation: { locale: 'en', strength: 2 } }
  ));
  await attempt('types', () => db.collection('types').distinct('value', { _id: { $in: ['longBig'] } }));
  await attempt('maxTimeMS', () => sorted(db.collection('orders').distinct('status', {}, { maxTimeMS: 1000, comment: 'x' })));
  await attempt('no key', () => db.collection('orders').distinct());
  await attempt('key is no text', () => db.collection('orders').distinct(5));
  await attempt('wrong filter', () => db.collection('orders').distinct('status', { $nope: 1 }));
  await attempt('nowhere', () => db.collection('nowhere').distinct('x'));
}

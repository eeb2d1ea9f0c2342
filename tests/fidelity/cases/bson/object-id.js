// ObjectId: making, comparing, texts.
import { ObjectId } from 'mongodb';
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const id = new ObjectId('65f0a1b2c3d4e5f601234567');
  await note('texts', [
    id.toString(), id.toHexString(), id.toJSON(), `${id}`, String(id), JSON.stringify({ id }), id.toString('base64'),
    id.toString('hex'),
  ]);
  await note('time', [
    id.getTimestamp().toISOString(), ObjectId.createFromTime(5).toHexString(), id.getTimestamp() instanceof Date,
  ]);
  await note('equals', [
    id.equals('65f0a1b2c3d4e5f601234567'), id.equals(new ObjectId(id)), id.equals(id.toHexString().toUpperCase()),
    id.equals(null), id.equals({}), id == '65f0a1b2c3d4e5f601234567', id === new ObjectId(id),
  ]);
  await note('valid', [
    '65f0a1b2c3d4e5f601234567', '65f0', 'zzzzzzzzzzzzzzzzzzzzzzzz', 5, null, undefined, id, 'twelve chars',
    { toHexString: () => '65f0a1b2c3d4e5f601234567' }, new Uint8Array(12),
  ].map(value => ObjectId.isValid(value)));
  for (const value of [
    '65f0', 'x', 'twelve chars', -1, {}, [], true, new Uint8Array(11), '65f0a1b2c3d4e5f60123456g',
  ]) await attempt(`new ObjectId(${JSON.stringify(value)})`, () => new ObjectId(value));
  await attempt('from a number', () => new ObjectId(5).toHexString().slice(0, 8));
  await attempt('from bytes', () => new ObjectId(new Uint8Array(12).fill(1)));
  await attempt('from hex', () => ObjectId.createFromHexString('65f0a1b2c3d4e5f601234567'));
  await attempt('from wrong hex', () => ObjectId.createFromHexString('x'));
  await attempt('from base64', () => ObjectId.createFromBase64('ZfChssPU5fYBI0Vn'));
  await attempt('without new', () => ObjectId('65f0a1b2c3d4e5f601234567'));
  await note('null and undefined make new ones', [
    new ObjectId(null) instanceof ObjectId, new ObjectId(undefined).toHexString().length,
  ]);
  await note('id bytes', id.id);
  await note(
    'sorted', [new ObjectId('ffffffffffffffffffffffff'), id].sort((a, b) => (a.toString() < b.toString() ? -1 : 1)).map(String)
  );
  await note('as keys', Object.keys({ [id]: 1 }));
  await db.collection('things').insertOne({ _id: id, ref: ObjectId.createFromTime(1700000000), refs: [id] });
  await note('found', await db.collection('things').findOne({ refs: id }));
}

// Binary and UUID.
import { Binary, UUID } from 'mongodb';
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const uuid = new UUID('01234567-89ab-4def-8123-456789abcdef');
  await note('uuid', [
    uuid.toString(), uuid.toHexString(false), uuid.toJSON(), uuid.equals('01234567-89ab-4def-8123-456789abcdef'),
    uuid.equals(new UUID(uuid)), UUID.isValid('x'), UUID.isValid(uuid), uuid.toBinary().sub_type, `${uuid}`,
  ]);
  await note('generated', [new UUID().toString().length, UUID.isValid(new UUID()), UUID.generate().length]);
  await attempt('wrong', () => new UUID('x'));
  await attempt('from hex', () => UUID.createFromHexString('0123456789ab4def8123456789abcdef'));
  const binary = new Binary(Uint8Array.of(104, 105));
  await note('binary', [
    binary.length(), binary.sub_type, binary.position, binary.toString(), binary.toString('hex'), binary.toString('base64'),
    binary.toJSON(), binary.value(), binary.read(0, 1),
  ]);
  binary.put(33);
  binary.write(Uint8Array.of(1, 2), 3);
  await note('written', [binary.length(), binary.value()]);
  await attempt('put of two', () => binary.put('ab'));
  await attempt('toUUID', () => new Binary(new Uint8Array(16), 4).toUUID().toString());
  await attempt('toUUID of none', () => binary.toUUID());
  await attempt('text', () => new Binary('text'));
  await db.collection('things').insertMany([
    { _id: uuid, b: binary },
    {
      _id: 2, u: new UUID(new Uint8Array(16).fill(3)), legacy: new Binary(new Uint8Array(16), 3),
      vector: Binary.fromFloat32Array(new Float32Array([1.5, -2])),
    },
  ]);
  await note('read', await db.collection('things').find().sort({ _id: 1 }).toArray());
  await note('found', await db.collection('things').countDocuments({ _id: new UUID('01234567-89ab-4def-8123-456789abcdef') }));
}

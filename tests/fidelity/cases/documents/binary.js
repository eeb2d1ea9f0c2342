// Bytes in every shape.
import { Binary, UUID } from 'mongodb';
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const things = db.collection('things');
  const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const values = {
    uint8: bytes, part: bytes.subarray(2, 4), empty: new Uint8Array(0), buffer: bytes.buffer, binary: new Binary(bytes),
    typed: new Binary(bytes, 0x80),
    uuid: new UUID('01234567-89ab-4def-8123-456789abcdef'), old: new Binary(bytes, 2), string: Binary.createFromBase64('AQID'),
    hex: Binary.createFromHexString('0a0b', 5),
  };
  for (const [_id, value] of Object.entries(values)) await attempt(`insert ${_id}`, () => things.insertOne({ _id, value }));
  for (const [_id, value] of Object.entries({
    int8: Int8Array.of(-1), uint16: Uint16Array.of(258), float64: Float64Array.of(1.5), clamped: Uint8ClampedArray.of(3),
    view: new DataView(new ArrayBuffer(2)),
  })) {
    await attempt(`insert ${_id}`, () => things.insertOne({ _id, value }));
  }
  await note('read', await things.find().toArray());
  await note('found by bytes', await things.countDocuments({ value: Uint8Array.of(3, 4) }));
}

// The types of the function, values, the module `whimbrel`.
import { Binary, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp, UUID } from 'mongodb';
import { EJSON, BSON, calculateObjectSize, serialize } from 'bson';
import { log, progress } from 'whimbrel';
import countries from './lib/countries.json';

const NAME = 'values';

/** @type {import('whimbrel').Up} */
export default async function up(db, client) {
  const id = new ObjectId('0123456789abcdef01234567');
  await db.collection(NAME).insertOne({
    id, decimal: Decimal128.fromString('1.50'), double: new Double(1), int: new Int32(1), long: Long.fromString('7'), big: 7n,
    bytes: new Binary(new Uint8Array([1])), uuid: new UUID(), range: [new MinKey(), new MaxKey()], ts: new Timestamp({ t: 1, i: 2 }),
    regexp: /a/i, map: new Map([['a', 1]]), countries,
  });
  log('info', `${id.toHexString()} of ${id.getTimestamp().getFullYear()}`, { size: calculateObjectSize({ id }), bytes: serialize({ id }).length });
  progress(1, 2n);
  progress(2);
  console.log(EJSON.stringify({ id }, { relaxed: false }), EJSON.parse('{}'), BSON.EJSON.stringify(id), new BSON.ObjectId().equals(id));
  console.log(new Timestamp({ t: 1, i: 2 }).greaterThan(Timestamp.fromNumber(1)), Long.fromInt(1).add(2).toBigInt() + 1n);
  console.log(import.meta.url, client.db('admin').databaseName);
}

/** @type {import('whimbrel').Rollback} */
export const rollback = db => db.collection(NAME).drop();

// Which BSON type each kind of number becomes.
import { Double, Int32, Long, Decimal128 } from 'mongodb';

export default async function up(db) {
  const numbers = [
    0, -0, 1, -1, 2147483647, 2147483648, -2147483648, -2147483649, 1.5, 1e21, 5e-324, Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
    Number.MAX_VALUE, NaN, Infinity, -Infinity, 0.1 + 0.2, 4294967296,
    5n, -5n, 2n ** 62n, -(2n ** 63n), 2n ** 63n - 1n,
    new Double(5), new Double(-0), new Int32(5), new Int32('7'), Long.fromNumber(5), new Long(1, 2), new Long(1, 2, true),
    Decimal128.fromString('5'),
    Object(5), Object(5.5), Object(-0),
  ];
  await db.collection('numbers').insertMany(numbers.map((value, _id) => ({ _id, value })));
  await db.collection('numbers').insertOne({ _id: 'array', value: numbers });
}

export async function rollback(db) {
  await db.collection('numbers').drop();
}

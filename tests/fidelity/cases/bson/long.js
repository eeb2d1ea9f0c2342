// Long: arithmetic and texts.
import { Long } from 'mongodb';
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const a = Long.fromString('9007199254740993');
  const b = Long.fromNumber(-7);
  await note('arithmetic', [
    a.add(1), a.subtract(b), a.multiply(2), a.divide(1000), a.modulo(1000), b.negate(), a.and(255), a.or(1), a.xor(b), b.not(),
    a.shiftLeft(3), b.shiftRight(1), b.shiftRightUnsigned(60),
  ].map(String));
  await note('comparisons', [
    a.equals(a.add(0)), a.greaterThan(b), a.lt(b), a.compare(b), b.isNegative(), a.isOdd(), Long.ZERO.isZero(), a.gte(a),
    a.eq('9007199254740993'),
  ]);
  await note('conversions', [
    a.toString(), a.toString(16), a.toNumber(), a.toInt(), a.toBigInt(), a.toJSON?.(), `${a}`, a.getHighBits(),
    a.getLowBitsUnsigned(), a.toBytes(),
  ]);
  await note('made', [
    Long.fromInt(5), Long.fromBits(1, 2), Long.fromBigInt(-5n), Long.fromString('ff', 16), Long.fromValue('12'),
    Long.fromBytes([0, 0, 0, 0, 0, 0, 1, 0]),
  ]);
  await note('constants', [Long.MAX_VALUE, Long.MIN_VALUE, Long.ONE, Long.NEG_ONE, Long.MAX_UNSIGNED_VALUE]);
  await note('isLong', [Long.isLong(a), Long.isLong(5), Long.isLong({ low: 1, high: 1 })]);
  await attempt('division by zero', () => a.divide(0));
  await attempt('strict', () => Long.fromStringStrict('12x'));
  await attempt('empty', () => Long.fromString(''));
  await note('in JavaScript', [a + 1, a > b, typeof a.valueOf?.()]);
  await db.collection('things').insertMany([
    { _id: 1, v: a }, { _id: 2, v: Long.fromNumber(5) }, { _id: 3, v: Long.fromNumber(5, true) },
    { _id: 4, v: Long.MAX_UNSIGNED_VALUE },
  ]);
  await note('read', await db.collection('things').find().toArray());
}

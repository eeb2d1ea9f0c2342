// `Long`: a 64-bit integer, signed or unsigned, that wraps round on overflow.
//
// The value lives in two 32-bit halves because that is what scripts and the Rust side read (`low`, `high`);
// arithmetic goes through BigInt. A result keeps the signedness of the left operand, while the right
// operand contributes its bits only. Short names (`add`/`sub`/`eq`/…) are aliases set up at the end.
// `Timestamp` in `timestamp.js` builds on this class.

import { BSONError } from './errors.js';
import { trimNumber } from './numbers.js';
import { BSONValue, plainInspect } from './value.js';

const TWO_32 = 2 ** 32;
const TWO_63 = 2 ** 63;
const TWO_64 = 2 ** 64;
const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz';

const bitsOf = long => (BigInt(long.high >>> 0) << 32n) | BigInt(long.low >>> 0);
const signedOf = long => BigInt.asIntN(64, bitsOf(long));
const valueOf = long => (long.unsigned ? bitsOf(long) : signedOf(long));
const fromBits64 = (bits, unsigned) =>
  new Long(Number(BigInt.asIntN(32, bits)), Number(BigInt.asIntN(32, bits >> 32n)), unsigned);
const toLong = value => (Long.isLong(value) ? value : Long.fromValue(value));
const shiftCount = count => BigInt((Long.isLong(count) ? count.toInt() : count) & 63);

// Small numbers are shared, as in the npm package: `Long.fromInt(1) === Long.ONE` holds there too.
const smallInts = { signed: new Map(), unsigned: new Map() };

// Reads digits in groups of eight and forgives what `parseInt` forgives; `fromStringStrict` is the way
// to have mistakes reported.
function parseLong(text, unsigned, radix) {
  if (text.length === 0) throw new BSONError('empty string');
  if (radix < 2 || radix > 36) throw new BSONError('radix');
  const hyphen = text.indexOf('-');
  if (hyphen > 0) throw new BSONError('interior hyphen');
  if (hyphen === 0) return parseLong(text.slice(1), unsigned, radix).negate();
  let bits = 0n;
  for (let i = 0; i < text.length; i += 8) {
    const group = text.slice(i, i + 8);
    const value = parseInt(group, radix);
    bits = bits * BigInt(radix ** group.length) + BigInt(Number.isNaN(value) ? 0 : value);
  }
  return fromBits64(bits, unsigned);
}

// `(text, radix)` and `(text, unsigned, radix)` are both allowed.
function readArguments(unsignedOrRadix, radix) {
  return typeof unsignedOrRadix === 'number'
    ? { unsigned: false, radix: unsignedOrRadix }
    : { unsigned: !!unsignedOrRadix, radix: radix ?? 10 };
}

export class Long extends BSONValue {
  get _bsontype() {
    return 'Long';
  }

  get __isLong__() {
    return true;
  }

  /** `(low, high, unsigned)`, `(bigint, unsigned)` or `(text, unsigned)`. */
  constructor(lowOrValue = 0, highOrUnsigned, unsigned) {
    super();
    const flag = typeof highOrUnsigned === 'boolean' ? highOrUnsigned : Boolean(unsigned);
    if (typeof lowOrValue === 'bigint' || typeof lowOrValue === 'string') {
      const parsed = typeof lowOrValue === 'bigint'
        ? fromBits64(lowOrValue, flag)
        : Long.fromString(lowOrValue, flag);
      this.high = parsed.high;
      this.low = parsed.low;
      this.unsigned = parsed.unsigned;
    } else {
      this.high = typeof highOrUnsigned === 'number' ? highOrUnsigned | 0 : 0;
      this.low = lowOrValue | 0;
      this.unsigned = flag;
    }
  }

  static fromBits(lowBits, highBits, unsigned) {
    return new Long(lowBits, highBits, unsigned);
  }

  static fromInt(value, unsigned) {
    const number = unsigned ? value >>> 0 : value | 0;
    const shared = unsigned ? smallInts.unsigned : smallInts.signed;
    const isSmall = unsigned ? number < 256 : number >= -128 && number < 128;
    const known = isSmall ? shared.get(number) : undefined;
    if (known !== undefined) return known;
    const long = new Long(number, (number | 0) < 0 ? -1 : 0, !!unsigned);
    if (isSmall) shared.set(number, long);
    return long;
  }

  /** Cuts off fractions; out-of-range numbers give the nearest end, NaN gives zero. */
  static fromNumber(value, unsigned) {
    if (isNaN(value)) return unsigned ? Long.UZERO : Long.ZERO;
    if (unsigned && value < 0) return Long.UZERO;
    if (unsigned && value >= TWO_64) return Long.MAX_UNSIGNED_VALUE;
    if (!unsigned && value <= -TWO_63) return Long.MIN_VALUE;
    if (!unsigned && value + 1 >= TWO_63) return Long.MAX_VALUE;
    if (value < 0) return Long.fromNumber(-value, unsigned).negate();
    return new Long(value % TWO_32 | 0, (value / TWO_32) | 0, unsigned);
  }

  static fromBigInt(value, unsigned) {
    return fromBits64(value, unsigned);
  }

  static fromString(str, unsignedOrRadix, radixArgument) {
    const { unsigned, radix } = readArguments(unsignedOrRadix, radixArgument);
    // In radixes whose digits include the letters, these words are numbers like any other.
    if (str === 'NaN' && radix < 24) return Long.ZERO;
    if (/^[+-]?Infinity$/.test(str) && radix < 35) return Long.ZERO;
    return parseLong(str, unsigned, radix);
  }

  /** Like `fromString`, but whatever would not read back as the same text is an error. */
  static fromStringStrict(str, unsignedOrRadix, radixArgument) {
    const { unsigned, radix } = readArguments(unsignedOrRadix, radixArgument);
    if (str.trim() !== str) {
      throw new BSONError(`Input: '${str}' contains leading and/or trailing whitespace`);
    }
    if (str === '' || new RegExp(`[^-+${DIGITS.slice(0, radix)}]`, 'i').test(str)) {
      throw new BSONError(`Input: '${str}' contains invalid characters for radix: ${radix}`);
    }
    const clean = trimNumber(str);
    const long = parseLong(clean, unsigned, radix);
    if (long.toString(radix).toLowerCase() !== clean.toLowerCase()) {
      const kind = unsigned ? 'an unsigned' : 'a signed';
      throw new BSONError(`Input: ${str} is not representable as ${kind} 64-bit Long with radix: ${radix}`);
    }
    return long;
  }

  static fromBytes(bytes, unsigned, le) {
    return le ? Long.fromBytesLE(bytes, unsigned) : Long.fromBytesBE(bytes, unsigned);
  }

  static fromBytesLE(bytes, unsigned) {
    const word = at => bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    return new Long(word(0), word(4), unsigned);
  }

  static fromBytesBE(bytes, unsigned) {
    return Long.fromBytesLE(Array.from({ length: 8 }, (_, i) => bytes[7 - i]), unsigned);
  }

  static isLong(value) {
    return typeof value === 'object' && value !== null && value.__isLong__ === true;
  }

  static fromValue(val, unsigned) {
    if (typeof val === 'number') return Long.fromNumber(val, unsigned);
    if (typeof val === 'string') return Long.fromString(val, unsigned);
    return new Long(val.low, val.high, typeof unsigned === 'boolean' ? unsigned : val.unsigned);
  }

  add(addend) {
    return fromBits64(bitsOf(this) + bitsOf(toLong(addend)), this.unsigned);
  }

  subtract(subtrahend) {
    return fromBits64(bitsOf(this) - bitsOf(toLong(subtrahend)), this.unsigned);
  }

  multiply(multiplier) {
    // The npm package answers the signed zero here, whatever the operands; kept.
    if (this.isZero()) return Long.ZERO;
    return fromBits64(bitsOf(this) * bitsOf(toLong(multiplier)), this.unsigned);
  }

  divide(divisor) {
    const by = toLong(divisor);
    if (by.high === 0 && by.low === 0) throw new BSONError('division by zero');
    const read = this.unsigned ? bitsOf : signedOf;
    return fromBits64(read(this) / read(by), this.unsigned);
  }

  modulo(divisor) {
    const by = toLong(divisor);
    if (by.high === 0 && by.low === 0) throw new BSONError('division by zero');
    const read = this.unsigned ? bitsOf : signedOf;
    return fromBits64(read(this) % read(by), this.unsigned);
  }

  negate() {
    return fromBits64(-bitsOf(this), this.unsigned);
  }

  not() {
    return new Long(~this.low, ~this.high, this.unsigned);
  }

  and(other) {
    const { low, high } = toLong(other);
    return new Long(this.low & low, this.high & high, this.unsigned);
  }

  or(other) {
    const { low, high } = toLong(other);
    return new Long(this.low | low, this.high | high, this.unsigned);
  }

  xor(other) {
    const { low, high } = toLong(other);
    return new Long(this.low ^ low, this.high ^ high, this.unsigned);
  }

  shiftLeft(numBits) {
    return fromBits64(bitsOf(this) << shiftCount(numBits), this.unsigned);
  }

  /** Fills with the top bit, for unsigned values too. */
  shiftRight(numBits) {
    return fromBits64(signedOf(this) >> shiftCount(numBits), this.unsigned);
  }

  shiftRightUnsigned(numBits) {
    return fromBits64(bitsOf(this) >> shiftCount(numBits), this.unsigned);
  }

  equals(other) {
    const that = toLong(other);
    // Equal bits mean different numbers when one side is negative and the other huge.
    if (this.unsigned !== that.unsigned && this.high < 0) return false;
    return this.high === that.high && this.low === that.low;
  }

  notEquals(other) {
    return !this.equals(other);
  }

  compare(other) {
    const that = toLong(other);
    if (this.equals(that)) return 0;
    const [thisNegative, thatNegative] = [this.isNegative(), !that.unsigned && that.high < 0];
    if (thisNegative !== thatNegative) return thisNegative ? -1 : 1;
    // By difference for signed values: this is what the npm package does, and it shows (and is wrong)
    // only against unsigned values of 2^63 and more.
    if (!this.unsigned) return BigInt.asIntN(64, bitsOf(this) - bitsOf(that)) < 0n ? -1 : 1;
    return bitsOf(this) < bitsOf(that) ? -1 : 1;
  }

  lessThan(other) {
    return this.compare(other) < 0;
  }

  lessThanOrEqual(other) {
    return this.compare(other) <= 0;
  }

  greaterThan(other) {
    return this.compare(other) > 0;
  }

  greaterThanOrEqual(other) {
    return this.compare(other) >= 0;
  }

  isZero() {
    return this.high === 0 && this.low === 0;
  }

  isNegative() {
    return !this.unsigned && this.high < 0;
  }

  isPositive() {
    return this.unsigned || this.high >= 0;
  }

  isEven() {
    return (this.low & 1) === 0;
  }

  isOdd() {
    return (this.low & 1) === 1;
  }

  getHighBits() {
    return this.high;
  }

  getHighBitsUnsigned() {
    return this.high >>> 0;
  }

  getLowBits() {
    return this.low;
  }

  getLowBitsUnsigned() {
    return this.low >>> 0;
  }

  /** Bits needed for the absolute value; one for zero. */
  getNumBitsAbs() {
    const value = valueOf(this);
    return (value < 0n ? -value : value).toString(2).length;
  }

  toInt() {
    return this.unsigned ? this.low >>> 0 : this.low;
  }

  /** Rounds to the nearest double beyond 2^53. */
  toNumber() {
    return (this.unsigned ? this.high >>> 0 : this.high) * TWO_32 + (this.low >>> 0);
  }

  toBigInt() {
    return valueOf(this);
  }

  toBytes(le) {
    return le ? this.toBytesLE() : this.toBytesBE();
  }

  toBytesLE() {
    return [this.low, this.high].flatMap(word => [0, 8, 16, 24].map(shift => (word >>> shift) & 0xff));
  }

  toBytesBE() {
    return this.toBytesLE().reverse();
  }

  toSigned() {
    return this.unsigned ? new Long(this.low, this.high, false) : this;
  }

  toUnsigned() {
    return this.unsigned ? this : new Long(this.low, this.high, true);
  }

  toString(radix) {
    const base = radix || 10;
    if (base < 2 || base > 36) throw new BSONError('radix');
    return valueOf(this).toString(base);
  }

  toExtendedJSON(options) {
    return options?.relaxed ? this.toNumber() : { $numberLong: this.toString() };
  }

  static fromExtendedJSON(doc, options) {
    const { useBigInt64 = false, relaxed = true } = { ...options };
    const text = doc.$numberLong;
    if (text.length > 20) throw new BSONError('$numberLong string is too long');
    if (!/^(?:\+?0|[+-]?[1-9][0-9]*)$/.test(text)) {
      throw new BSONError(`$numberLong string "${text}" is in an invalid format`);
    }
    if (useBigInt64) return BigInt.asIntN(64, BigInt(text));
    const long = Long.fromString(text);
    return relaxed ? long.toNumber() : long;
  }

  inspect(_depth, options, inspect = plainInspect) {
    const flag = this.unsigned ? `, ${inspect(this.unsigned, options)}` : '';
    return `new Long(${inspect(this.toString(), options)}${flag})`;
  }
}

const ALIASES = {
  sub: 'subtract', mul: 'multiply', div: 'divide', mod: 'modulo', rem: 'modulo', neg: 'negate',
  eq: 'equals', neq: 'notEquals', ne: 'notEquals', comp: 'compare', eqz: 'isZero',
  lt: 'lessThan', lte: 'lessThanOrEqual', le: 'lessThanOrEqual',
  gt: 'greaterThan', gte: 'greaterThanOrEqual', ge: 'greaterThanOrEqual',
  shl: 'shiftLeft', shr: 'shiftRight', shr_u: 'shiftRightUnsigned', shru: 'shiftRightUnsigned',
};
for (const [alias, name] of Object.entries(ALIASES)) {
  // Calls by name, so that a subclass that overrides a method changes its short names too.
  const value = { [alias](argument) { return this[name](argument); } }[alias];
  Object.defineProperty(Long.prototype, alias, { value, writable: true, configurable: true });
}

Long.TWO_PWR_24 = Long.fromInt(1 << 24);
Long.MAX_UNSIGNED_VALUE = new Long(-1, -1, true);
Long.ZERO = Long.fromInt(0);
Long.UZERO = Long.fromInt(0, true);
Long.ONE = Long.fromInt(1);
Long.UONE = Long.fromInt(1, true);
Long.NEG_ONE = Long.fromInt(-1);
Long.MAX_VALUE = new Long(-1, 0x7fffffff, false);
Long.MIN_VALUE = new Long(0, -0x80000000, false);

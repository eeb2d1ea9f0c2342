// `Timestamp`: the server's internal logical clock, seconds `t` and ordinal `i`.
//
// It is a `Long` underneath (`high` is `t`, `low` is `i`, always unsigned) and inherits that class's
// methods, as it does in the npm package; it is not a date.

import { BSONError } from './errors.js';
import { Long } from './long.js';
import { bsonType, plainInspect } from './value.js';

const UINT32_MAX = 0xffffffff;

// One half of `{ t, i }`: a number or `Int32` that fits 32 bits without a sign.
function half(pair, name) {
  const given = pair[name];
  if (typeof given !== 'number' && (typeof given !== 'object' || given._bsontype !== 'Int32')) {
    throw new BSONError(`Timestamp constructed from { t, i } must provide ${name} as a number`);
  }
  return Number(given);
}

function checkRange(number, name) {
  if (number < 0 || Number.isNaN(number)) {
    throw new BSONError(`Timestamp constructed from { t, i } must provide a positive ${name}`);
  }
}

function checkWidth(number, name) {
  if (number > UINT32_MAX) {
    throw new BSONError(
      `Timestamp constructed from { t, i } must provide ${name} equal or less than uint32 max`
    );
  }
}

export class Timestamp extends Long {
  get _bsontype() {
    return 'Timestamp';
  }

  get [bsonType]() {
    return 'Timestamp';
  }

  /** From `{ t, i }`, a `Long`, a bigint, or nothing (zero). */
  constructor(value) {
    if (value == null) {
      super(0, 0, true);
    } else if (typeof value === 'bigint') {
      super(value, true);
    } else if (Long.isLong(value)) {
      super(value.low, value.high, true);
    } else if (typeof value === 'object' && 't' in value && 'i' in value) {
      const [t, i] = [half(value, 't'), half(value, 'i')];
      for (const check of [checkRange, checkWidth]) {
        check(t, 't');
        check(i, 'i');
      }
      super(i, t, true);
    } else {
      throw new BSONError(
        'A Timestamp can only be constructed with: bigint, Long, or { t: number; i: number }'
      );
    }
  }

  /** Seconds since 1970. */
  get t() {
    return this.high >>> 0;
  }

  /** The ordinal within the second. */
  get i() {
    return this.low >>> 0;
  }

  static fromInt(value) {
    return new Timestamp(Long.fromInt(value, true));
  }

  static fromNumber(value) {
    return new Timestamp(Long.fromNumber(value, true));
  }

  static fromBits(lowBits, highBits) {
    return new Timestamp({ i: lowBits, t: highBits });
  }

  static fromString(str, radix) {
    return new Timestamp(Long.fromString(str, true, radix));
  }

  toJSON() {
    return { $timestamp: this.toString() };
  }

  toExtendedJSON() {
    return { $timestamp: { t: this.t, i: this.i } };
  }

  static fromExtendedJSON(doc) {
    // Canonical parsing may already have turned a large half into a Long.
    const number = given => (Long.isLong(given) ? given.getLowBitsUnsigned() : given);
    return new Timestamp({ t: number(doc.$timestamp.t), i: number(doc.$timestamp.i) });
  }

  inspect(_depth, options, inspect = plainInspect) {
    return `new Timestamp({ t: ${inspect(this.t, options)}, i: ${inspect(this.i, options)} })`;
  }
}

Timestamp.MAX_VALUE = Long.MAX_UNSIGNED_VALUE;

// `Double` and `Int32`: JavaScript numbers with their BSON type nailed down.
//
// A plain `5` is written as int32 and `5.5` as double; these wrappers are how a migration insists on one
// or the other. The 64-bit and decimal types are in `long.js` and `decimal128.js`.

import { BSONError } from './errors.js';
import { BSONValue, plainInspect } from './value.js';

const INT32_MAX = 0x7fffffff;
const INT32_MIN = -0x80000000;

const unbox = value => (value instanceof Number ? value.valueOf() : value);

/** `-007` → `-7`, `+5` → `5`, `000` → `0`; anything that is not a number passes through. */
export function trimNumber(text) {
  const [, sign, zeros, rest] = /^([+-]?)(0*)([^]*)$/.exec(text);
  if (sign === '+' || zeros !== '') return (sign === '-' ? '-' : '') + (rest === '' && zeros !== '' ? '0' : rest);
  return text;
}

class NumberValue extends BSONValue {
  valueOf() {
    return this.value;
  }

  toJSON() {
    return this.value;
  }

  toString(radix) {
    return this.value.toString(radix);
  }

  inspect(_depth, options, inspect = plainInspect) {
    return `new ${this._bsontype}(${inspect(this.value, options)})`;
  }
}

export class Double extends NumberValue {
  get _bsontype() {
    return 'Double';
  }

  constructor(value) {
    super();
    this.value = +unbox(value);
  }

  /** Reads decimal notation only: no blanks, no hex, no digits lost to infinity. */
  static fromString(value) {
    if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return new Double(Number(value));
    const number = Number(value);
    if (!Number.isFinite(number)) throw new BSONError(`Input: ${value} is not representable as a Double`);
    if (value.trim() !== value) throw new BSONError(`Input: '${value}' contains whitespace`);
    if (value === '') throw new BSONError('Input is an empty string');
    if (/[^-0-9.+eE]/.test(value)) {
      throw new BSONError(`Input: '${value}' is not in decimal or exponential notation`);
    }
    return new Double(number);
  }

  toExtendedJSON(options) {
    const { value } = this;
    if (options?.legacy || (options?.relaxed && Number.isFinite(value))) return value;
    if (Object.is(value, -0)) return { $numberDouble: '-0.0' };
    return { $numberDouble: Number.isInteger(value) ? value.toFixed(1) : value.toString() };
  }

  static fromExtendedJSON(doc, options) {
    const value = parseFloat(doc.$numberDouble);
    return options?.relaxed ? value : new Double(value);
  }
}

export class Int32 extends NumberValue {
  get _bsontype() {
    return 'Int32';
  }

  /** Values beyond 32 bits wrap round, as `| 0` does. */
  constructor(value) {
    super();
    this.value = +unbox(value) | 0;
  }

  static fromString(value) {
    const number = Number(value);
    if (number > INT32_MAX) {
      throw new BSONError(`Input: '${value}' is larger than the maximum value for Int32`);
    }
    if (number < INT32_MIN) {
      throw new BSONError(`Input: '${value}' is smaller than the minimum value for Int32`);
    }
    if (!Number.isSafeInteger(number)) throw new BSONError(`Input: '${value}' is not a safe integer`);
    if (number.toString() !== trimNumber(value)) {
      throw new BSONError(`Input: '${value}' is not a valid Int32 string`);
    }
    return new Int32(number);
  }

  toExtendedJSON(options) {
    if (options?.relaxed || options?.legacy) return this.value;
    return { $numberInt: this.value.toString() };
  }

  static fromExtendedJSON(doc, options) {
    return options?.relaxed ? parseInt(doc.$numberInt, 10) : new Int32(doc.$numberInt);
  }
}

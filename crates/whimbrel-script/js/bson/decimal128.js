// `Decimal128`: 34 decimal digits with an exponent, in the IEEE 754 BID encoding.
//
// The sixteen little-endian bytes are the value; text is made and read here, with the coefficient as one
// BigInt. Reading mirrors the npm package down to its slips at the edges (they are marked below), because
// the bytes a migration stores have to be the same bytes.

import { fromNumbers, isUint8Array } from './bytes.js';
import { BSONError } from './errors.js';
import { BSONValue, plainInspect } from './value.js';

const MAX_EXPONENT = 6111;
const MIN_EXPONENT = -6176;
const EXPONENT_BIAS = 6176;
const MAX_DIGITS = 34;
// Longer text is refused unread: matching it could be made to take very long.
const MAX_TEXT = 7000;

const NAN_TOP = 0x7c;
const INFINITY_TOP = 0x78;
const SIGN_TOP = 0x80;

const special = top => fromNumbers([...new Array(15).fill(0), top]);
const infinity = negative => special(INFINITY_TOP | (negative ? SIGN_TOP : 0));

function refuse(text, reason) {
  throw new BSONError(`"${text}" is not a valid Decimal128 string - ${reason}`);
}

// Takes the text apart; `null` for text that is no number at all. A lone sign counts as zero.
function scan(text) {
  const parts = /^([+-]?)([0-9]*\.?[0-9]*)([eE]?)([+-]?)([0-9]*)$/.exec(text);
  if (text === '' || parts === null || parts[2] === '.') return null;
  const [, sign, number, e, exponentSign, exponentDigits] = parts;
  if (e !== '' && exponentDigits === '') refuse(text, 'missing exponent power');
  if (e !== '' && number === '') refuse(text, 'missing exponent base');
  if (e === '' && exponentSign + exponentDigits !== '') refuse(text, 'missing e before exponent');

  const point = number.indexOf('.');
  const all = number.replace('.', '');
  const leadingZeros = /^0*/.exec(all)[0].length;
  const digits = all.slice(leadingZeros);
  return {
    text,
    negative: sign === '-',
    // Where the digit number `n` (leading zeros included) stands in the text. Slip, kept: the point is
    // taken to come before it, wherever it really is.
    at: n => text[n + sign.length + (point >= 0 ? 1 : 0)],
    leadingZeros,
    digits,
    end: all.length,
    fraction: point >= 0 ? number.length - point - 1 : 0,
    exponent: e === '' ? 0 : parseInt(exponentSign + exponentDigits, 10),
  };
}

// Significant digits: without zeros at the end, as far as `at` finds them.
function countSignificant({ digits, at, leadingZeros }) {
  let count = digits.length;
  if (count > 1) while (at(leadingZeros + count - 1) === '0') count -= 1;
  return count;
}

// The state that both ways of fitting work on: digits kept (`kept[0..last]`), digits there were
// (`total`), and the exponent of the last kept digit.
function begin(number) {
  const { digits, fraction } = number;
  const tooSmall = number.exponent <= fraction && fraction > number.exponent + (1 << 14);
  const kept = digits === '' ? [0] : [...digits.slice(0, MAX_DIGITS)].map(Number);
  const state = {
    kept,
    last: kept.length - 1,
    total: Math.max(digits.length, 1),
    significant: digits === '' ? 0 : countSignificant(number),
    exponent: tooSmall ? MIN_EXPONENT : number.exponent - fraction,
  };
  // Too large an exponent is brought down by writing zeros after the digits.
  while (state.exponent > MAX_EXPONENT) {
    state.last += 1;
    if (state.last >= MAX_DIGITS) {
      if (state.significant !== 0) refuse(number.text, 'overflow');
      state.exponent = MAX_EXPONENT;
      break;
    }
    state.exponent -= 1;
  }
  return state;
}

// Drops digits that are zero; any other digit that does not fit is an error.
function fitExactly(number, state) {
  const { at, text } = number;
  while (state.exponent < MIN_EXPONENT || state.kept.length < state.total) {
    if (state.last === 0) {
      if (state.significant !== 0) refuse(text, 'exponent underflow');
      state.exponent = MIN_EXPONENT;
      break;
    }
    if (state.kept.length < state.total) {
      // Slip, kept: leading zeros are not counted here, so with them an earlier digit is looked at.
      if (at(state.total - 1) !== '0' && state.significant !== 0) refuse(text, 'inexact rounding');
      state.total -= 1;
    } else {
      if (state.kept[state.last] !== 0) refuse(text, 'inexact rounding');
      state.last -= 1;
    }
    if (state.exponent >= MAX_EXPONENT) refuse(text, 'overflow');
    state.exponent += 1;
  }
  if (state.last + 1 < state.significant && at(number.leadingZeros + state.last + 1) !== '0') {
    refuse(text, 'inexact rounding');
  }
}

// Drops digits and rounds to the nearest, ties to even. `false` when the result is infinite.
function fitByRounding(number, state) {
  while (state.exponent < MIN_EXPONENT || state.kept.length < state.total) {
    if (state.last === 0 && state.significant < state.kept.length) {
      state.exponent = MIN_EXPONENT;
      state.significant = 0;
      break;
    }
    if (state.kept.length < state.total) state.total -= 1;
    // Slip, kept: may pass the first digit, and then a value below the smallest becomes the smallest.
    else state.last -= 1;
    if (state.exponent < MAX_EXPONENT) state.exponent += 1;
    else if (state.kept.every(digit => digit === 0)) {
      state.exponent = MAX_EXPONENT;
      break;
    } else refuse(number.text, 'overflow');
  }
  if (state.last + 1 < state.significant && roundsUp(number, state)) return carry(state);
  return true;
}

function roundsUp({ at, leadingZeros, end }, { kept, last }) {
  const next = leadingZeros + last + 1;
  const digit = parseInt(at(next), 10);
  if (digit !== 5) return digit > 5;
  if (kept[last] % 2 === 1) return true;
  for (let n = next + 1; n < end; n++) if (parseInt(at(n), 10) > 0) return true;
  return false;
}

function carry(state) {
  let i = state.last;
  for (; i >= 0 && state.kept[i] === 9; i--) state.kept[i] = 0;
  if (i >= 0) {
    state.kept[i] += 1;
  } else if (state.last >= 0) {
    if (state.exponent >= MAX_EXPONENT) return false;
    state.exponent += 1;
    state.kept[0] = 1;
  }
  return true;
}

function encode(negative, coefficient, exponent) {
  // 34 digits need 113 bits, so the encoding's second form (for larger coefficients) never occurs.
  let bits = (BigInt(exponent + EXPONENT_BIAS) << 113n) | coefficient;
  if (negative) bits |= 1n << 127n;
  const bytes = new Array(16);
  for (let i = 0; i < 16; i++, bits >>= 8n) bytes[i] = Number(bits & 0xffn);
  return fromNumbers(bytes);
}

function bytesFromText(text, fit) {
  if (text.length >= MAX_TEXT) throw new BSONError(`${text} not a valid Decimal128 string`);
  if (/^[+-]?inf(?:inity)?$/i.test(text)) return infinity(text.startsWith('-'));
  if (/^[+-]?nan$/i.test(text)) return special(NAN_TOP);
  const number = scan(text);
  if (number === null) throw new BSONError(`${text} not a valid Decimal128 string`);
  const state = begin(number);
  if (fit(number, state) === false) return infinity(number.negative);
  const count = Math.max(state.last, 0) + 1;
  const digits = state.kept.slice(0, count).join('').padEnd(count, '0');
  return encode(number.negative, state.significant === 0 ? 0n : BigInt(digits), state.exponent);
}

// Sign, coefficient digits and exponent of finite values; the name of the others.
function decode(bytes) {
  let bits = 0n;
  for (let i = 15; i >= 0; i--) bits = (bits << 8n) | BigInt(bytes[i]);
  const sign = bits >> 127n === 1n ? '-' : '';
  const combination = Number((bits >> 122n) & 0x1fn);
  if (combination === 31) return { name: 'NaN' };
  if (combination === 30) return { name: `${sign}Infinity` };
  const isLarge = combination >> 3 === 3;
  const exponent = Number((bits >> (isLarge ? 111n : 113n)) & 0x3fffn) - EXPONENT_BIAS;
  const coefficient = isLarge
    ? (8n << 110n) | (bits & ((1n << 111n) - 1n))
    : bits & ((1n << 113n) - 1n);
  return { sign, digits: coefficient.toString(), exponent };
}

export class Decimal128 extends BSONValue {
  get _bsontype() {
    return 'Decimal128';
  }

  /** Sixteen bytes, or text as `toString` gives it. */
  constructor(bytes) {
    super();
    if (typeof bytes === 'string') {
      this.bytes = bytesFromText(bytes, fitExactly);
    } else if (isUint8Array(bytes)) {
      if (bytes.byteLength !== 16) throw new BSONError('Decimal128 must take a Buffer of 16 bytes');
      this.bytes = bytes;
    } else {
      throw new BSONError('Decimal128 must take a Buffer or string');
    }
  }

  /** Refuses text with more digits than fit. */
  static fromString(representation) {
    return new Decimal128(bytesFromText(representation, fitExactly));
  }

  static fromStringWithRounding(representation) {
    return new Decimal128(bytesFromText(representation, fitByRounding));
  }

  toString() {
    const { name, sign, digits, exponent } = decode(this.bytes);
    if (name !== undefined) return name;
    // Zeros behind the digits would claim a precision the value does not have: hence the exponent form.
    const scientific = digits.length - 1 + exponent;
    if (scientific >= 34 || scientific <= -7 || exponent > 0) {
      const signed = n => (n > 0 ? `+${n}` : `${n}`);
      // A coefficient beyond 34 digits is not canonical and stands for zero.
      if (digits.length > MAX_DIGITS) return `${sign}0${exponent === 0 ? '' : `E${signed(exponent)}`}`;
      const point = digits.length > 1 ? '.' : '';
      return `${sign}${digits[0]}${point}${digits.slice(1)}E${signed(scientific)}`;
    }
    if (exponent === 0) return sign + digits;
    const padded = digits.padStart(1 - exponent, '0');
    return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
  }

  toJSON() {
    return { $numberDecimal: this.toString() };
  }

  toExtendedJSON() {
    return { $numberDecimal: this.toString() };
  }

  static fromExtendedJSON(doc) {
    return Decimal128.fromString(doc.$numberDecimal);
  }

  inspect(_depth, options, inspect = plainInspect) {
    return `new Decimal128(${inspect(this.toString(), options)})`;
  }
}

// `EJSON`: MongoDB Extended JSON, the text form in which BSON types survive.
//
// Relaxed by default (numbers and dates readable), canonical with `{ relaxed: false }`, and the old dialect
// with `{ legacy: true }`. Each type knows its own two forms (`toExtendedJSON`, `fromExtendedJSON` in
// `bson/`); this file walks documents, and treats plain JavaScript values as the npm package does.

import {
  BSONError, BSONRegExp, BSONRuntimeError, BSONSymbol, BSONVersionError, Binary, Code, DBRef, Decimal128,
  Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp,
} from './bson/index.js';
import { BSON_MAJOR_VERSION } from './bson/errors.js';
import { isDBRefLike } from './bson/reference.js';
import { BSON_VERSION } from './bson/value.js';

const INT32_MIN = -0x80000000;
const INT32_MAX = 0x7fffffff;
const INT64_MIN = -(2 ** 63);
const INT64_MAX = 2 ** 63;
// The first instant whose year has five digits, which the readable form of dates cannot show.
const YEAR_10000 = 253402300800000;

const READERS = {
  __proto__: null,
  $oid: ObjectId, $binary: Binary, $uuid: Binary, $symbol: BSONSymbol, $numberInt: Int32,
  $numberDecimal: Decimal128, $numberDouble: Double, $numberLong: Long, $minKey: MinKey, $maxKey: MaxKey,
  $regex: BSONRegExp, $regularExpression: BSONRegExp, $timestamp: Timestamp,
};

// Rebuilds values made by another copy of the library that cannot write Extended JSON themselves.
const REBUILDERS = {
  __proto__: null,
  Binary: o => new Binary(o.value(), o.sub_type),
  Code: o => new Code(o.code, o.scope),
  DBRef: o => new DBRef(o.collection || o.namespace, o.oid, o.db, o.fields),
  Decimal128: o => new Decimal128(o.bytes),
  Double: o => new Double(o.value),
  Int32: o => new Int32(o.value),
  Long: o => Long.fromBits(o.low ?? o.low_, o.low != null ? o.high : o.high_, o.low != null ? o.unsigned : o.unsigned_),
  MaxKey: () => new MaxKey(),
  MinKey: () => new MinKey(),
  ObjectId: o => new ObjectId(o),
  BSONRegExp: o => new BSONRegExp(o.pattern, o.options),
  BSONSymbol: o => new BSONSymbol(o.value),
  Timestamp: o => Timestamp.fromBits(o.low, o.high),
};

const isIntegral = number => Number.isInteger(number) && !Object.is(number, -0);
const fitsInt32 = number => number >= INT32_MIN && number <= INT32_MAX;
const fitsInt64 = number => number >= INT64_MIN && number <= INT64_MAX;
const tagOf = value => Object.prototype.toString.call(value);

// ---- reading ----

function readNumber(number, options) {
  if (options.relaxed || options.legacy) return number;
  if (isIntegral(number) && fitsInt32(number)) return new Int32(number);
  if (!isIntegral(number) || !fitsInt64(number)) return new Double(number);
  return options.useBigInt64 ? BigInt(number) : Long.fromNumber(number);
}

function readDate(given, options) {
  if (typeof given === 'string') return new Date(Date.parse(given));
  if (typeof given === 'bigint') return new Date(Number(given));
  if (typeof given === 'number' && (options.legacy || options.relaxed)) return new Date(given);
  if (!options.legacy && Long.isLong(given)) return new Date(given.toNumber());
  throw new BSONRuntimeError(`Unrecognized type for EJSON date: ${typeof given}`);
}

// What an object stands for, its members having been read already (JSON.parse works from the inside out).
function readValue(value, options) {
  if (typeof value === 'number') return readNumber(value, options);
  if (value === null || typeof value !== 'object') return value;
  if (value.$undefined) return null;

  const key = Object.keys(value).find(name => READERS[name] !== undefined && value[name] != null);
  if (key !== undefined) return READERS[key].fromExtendedJSON(value, options);
  if (value.$date != null) return readDate(value.$date, options);
  if (value.$code != null) return Code.fromExtendedJSON(value);

  if (isDBRefLike(value) || value.$dbPointer) {
    const reference = value.$ref ? value : value.$dbPointer;
    if (reference instanceof DBRef) return reference;
    const foreign = Object.keys(reference).some(name => name.startsWith('$') && !['$ref', '$id', '$db'].includes(name));
    if (!foreign) return DBRef.fromExtendedJSON(reference);
  }
  return value;
}

function parse(text, options) {
  const settings = {
    useBigInt64: options?.useBigInt64 ?? false,
    relaxed: options?.relaxed ?? true,
    legacy: options?.legacy ?? false,
  };
  return JSON.parse(text, (key, value) => {
    if (key.includes('\0')) {
      throw new BSONError(
        `BSON Document field names cannot contain null bytes, found: ${JSON.stringify(key)}`
      );
    }
    return readValue(value, settings);
  });
}

// ---- writing ----

// Draws the way into the circle, with an arrow under it from the last name back to the first.
function refuseCircle(path, index) {
  const names = path.map(step => step.name);
  const arrows = some => some.map(name => `${name} -> `).join('');
  const before = arrows(names.slice(0, index));
  const start = names[index];
  const between = ` -> ${arrows(names.slice(index + 1, -1))}`;
  const last = names.at(-1);
  const indent = ' '.repeat(before.length + start.length / 2);
  const dashes = '-'.repeat(between.length + (start.length + last.length) / 2 - 1);
  throw new BSONError(
    `Converting circular structure to EJSON:\n    ${before}${start}${between}${last}\n    ${indent}\\${dashes}/`
  );
}

function writeNumber(number) {
  if (isIntegral(number) && fitsInt32(number)) return { $numberInt: number.toString() };
  if (isIntegral(number) && fitsInt64(number)) return { $numberLong: number.toString() };
  return { $numberDouble: Object.is(number, -0) ? '-0.0' : number.toString() };
}

function writeDate(date, options) {
  const time = date.getTime();
  const isReadable = options.relaxed && time > -1 && time < YEAR_10000;
  const text = () => (date.getUTCMilliseconds() === 0 ? date.toISOString().replace('.000Z', 'Z') : date.toISOString());
  if (options.legacy) return { $date: isReadable ? time : text() };
  return { $date: isReadable ? text() : { $numberLong: time.toString() } };
}

// `path` is the way from the root: a name and the object at each step.
function writeMember(name, value, options, path) {
  path.push({ name, object: null });
  try {
    return writeValue(value, options, path);
  } finally {
    path.pop();
  }
}

function objectFromMap(map) {
  const object = Object.create(null);
  for (const [key, value] of map) {
    if (typeof key !== 'string') throw new BSONError('Can only serialize maps with string keys');
    object[key] = value;
  }
  return object;
}

function writeValue(value, options, path) {
  if (value === undefined) return options.ignoreUndefined ? undefined : null;
  if (typeof value === 'number') {
    return options.relaxed && Number.isFinite(value) ? value : writeNumber(value);
  }
  if (typeof value === 'bigint') {
    const wrapped = BigInt.asIntN(64, value);
    return options.relaxed ? Number(wrapped) : { $numberLong: wrapped.toString() };
  }
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return value;

  const tag = tagOf(value);
  if (tag === '[object Map]') return writeValue(objectFromMap(value), options, path);
  const seen = path.findIndex(step => step.object === value);
  if (seen !== -1) refuseCircle(path, seen);
  path.at(-1).object = value;

  if (typeof value === 'function') return value;
  if (Array.isArray(value)) {
    return value.map((item, index) => writeMember(`index ${index}`, item, options, path));
  }
  if (tag === '[object Date]') return writeDate(value, options);
  if (tag === '[object RegExp]') return new BSONRegExp(value.source, value.flags).toExtendedJSON(options);
  return value._bsontype === undefined ? writeDocument(value, options, path) : writeBSON(value, options, path);
}

function writeDocument(document, options, path) {
  const result = {};
  for (const name of Object.keys(document)) {
    const value = writeMember(name, document[name], options, path);
    // Plain assignment to `__proto__` would set the prototype instead of a field.
    Object.defineProperty(result, name, { value, writable: true, enumerable: true, configurable: true });
  }
  return result;
}

function writeBSON(given, options, path) {
  const type = given._bsontype;
  if (typeof type !== 'string') throw new BSONError(`_bsontype must be a string, but was: ${typeof type}`);
  if (given[BSON_VERSION] !== BSON_MAJOR_VERSION) throw new BSONVersionError();

  let value = given;
  if (typeof value.toExtendedJSON !== 'function') {
    if (REBUILDERS[type] === undefined) {
      throw new BSONError(`Unrecognized or invalid _bsontype: ${type}`);
    }
    value = REBUILDERS[type](value);
  }
  const inner = member => writeValue(member, options, path);
  if (type === 'Code' && value.scope) value = new Code(value.code, inner(value.scope));
  if (type === 'DBRef' && value.oid) {
    value = new DBRef(inner(value.collection), inner(value.oid), inner(value.db), inner(value.fields));
  }
  return value.toExtendedJSON(options);
}

/** `(value, options)`, `(value, options, space)` or `(value, replacer, space, options)`. */
function stringify(value, replacerOrOptions, spaceOrOptions, options) {
  const isOptions = given => typeof given === 'object' && given !== null && !Array.isArray(given);
  let [replacer, space, given] = [replacerOrOptions, spaceOrOptions, options];
  if (typeof space === 'object' && space !== null) [given, space] = [space, undefined];
  if (isOptions(replacer)) [given, replacer] = [replacer, undefined];
  const settings = { relaxed: true, legacy: false, ...given };
  const plain = writeValue(value, settings, [{ name: '(root)', object: null }]);
  return JSON.stringify(plain, replacer, space);
}

/** A document as the plain objects that its Extended JSON describes. */
function serialize(value, options) {
  return JSON.parse(stringify(value, options || {}));
}

/** The other way round. */
function deserialize(ejson, options) {
  return parse(JSON.stringify(ejson), options || {});
}

export const EJSON = Object.freeze(
  Object.assign(Object.create(null), { parse, stringify, serialize, deserialize })
);

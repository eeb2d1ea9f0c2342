// What all BSON types share: the version mark, the type symbol, and how they print.
//
// Each class states its own `_bsontype`; the Rust side and other copies of the driver recognise values
// by it and never by `instanceof`. Neighbours: one file per type or per family of types.

import { BSON_MAJOR_VERSION } from './errors.js';

/** The symbol under which the type name can be read besides `_bsontype`. */
export const bsonType = Symbol.for('@@mdb.bson.type');

/** The symbol that holds the major version. */
export const BSON_VERSION = Symbol.for('@@mdb.bson.version');

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

export class BSONValue {
  get [bsonType]() {
    return this._bsontype;
  }

  get [BSON_VERSION]() {
    return BSON_MAJOR_VERSION;
  }

  [INSPECT](depth, options, inspect) {
    return this.inspect(depth, options, inspect);
  }
}

/** Prints an argument when `inspect()` is called directly, without the `inspect` function of a console. */
export function plainInspect(value) {
  return JSON.stringify(value, (_key, inner) => {
    if (typeof inner === 'bigint') return { $numberLong: String(inner) };
    return inner instanceof Map ? Object.fromEntries(inner) : inner;
  });
}

/** The numeric type codes of BSON, as `$type` takes them. */
export const BSONType = Object.freeze({
  double: 1, string: 2, object: 3, array: 4, binData: 5, undefined: 6, objectId: 7, bool: 8, date: 9,
  null: 10, regex: 11, dbPointer: 12, javascript: 13, symbol: 14, javascriptWithScope: 15, int: 16,
  timestamp: 17, long: 18, decimal: 19, minKey: -1, maxKey: 127,
});

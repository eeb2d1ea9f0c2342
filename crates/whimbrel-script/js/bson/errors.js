// The error classes of the BSON types.
//
// Every failure in this folder is a `BSONError` or one of its three descendants, under the names and
// messages that the npm package `bson` uses: migrations test `err.name`, and people search for the text.
// `name` is a getter on the prototype, so that `JSON.stringify(err)` and `{ ...err }` stay free of it.

/** The major version these classes answer for; `value.js` puts it on every type. */
export const BSON_MAJOR_VERSION = 7;

export class BSONError extends Error {
  get name() {
    return 'BSONError';
  }

  // A marker that survives two copies of the library in one program, where `instanceof` does not.
  get bsonError() {
    return true;
  }

  static isBSONError(value) {
    if (typeof value !== 'object' || value === null) return false;
    return value.bsonError === true && 'name' in value && 'message' in value && 'stack' in value;
  }
}

/** A value made by another major version of the library. */
export class BSONVersionError extends BSONError {
  constructor() {
    super(`Unsupported BSON version, bson types must be from bson ${BSON_MAJOR_VERSION}.x.x`);
  }

  get name() {
    return 'BSONVersionError';
  }
}

/** Input of a kind that a function did not expect. */
export class BSONRuntimeError extends BSONError {
  get name() {
    return 'BSONRuntimeError';
  }
}

/** Bytes that are not valid BSON; `offset` says how far reading got. */
export class BSONOffsetError extends BSONError {
  constructor(message, offset, options) {
    super(`${message}. offset: ${offset}`, options);
    this.offset = offset;
  }

  get name() {
    return 'BSONOffsetError';
  }
}

// `serialize`, `deserialize` and their kin: BSON bytes, which Rust makes and reads.
//
// The same conversion serves the database, so bytes made here are those that would be stored. What may stand at the top of
// a document, and the frame of one that is read, are checked here.

import { flagsOf } from '../driver/options.js';
import { ops } from '../driver/operation.js';
import { isAnyArrayBuffer, viewOf } from './bytes.js';
import { BSONError } from './errors.js';

const NOT_DOCUMENTS = /^\[object (Date|RegExp|ArrayBuffer|SharedArrayBuffer)\]$/;

/** What is written for the root: an object, or nothing for nothing. */
function root(object) {
  if (object === null || object === undefined) return {};
  if (Array.isArray(object)) throw new BSONError('serialize does not support an array as the root input');
  if (typeof object !== 'object') throw new BSONError('serialize does not support non-object as the root input');
  if (typeof object._bsontype === 'string') throw new BSONError('BSON types cannot be serialized as a document');
  if (NOT_DOCUMENTS.test(Object.prototype.toString.call(object)) || ArrayBuffer.isView(object)) {
    throw new BSONError('date, regexp, typedarray, and arraybuffer cannot be BSON documents');
  }
  return object;
}

// Unlike in the database, `undefined` is left out here unless told otherwise.
const settings = options => flagsOf({ ...options, ignoreUndefined: options?.ignoreUndefined ?? true });

export function serialize(object, options = {}) {
  return viewOf(ops.serialize(root(object), settings(options)));
}

/** Writes into a buffer of the caller's; gives the index of the last byte. */
export function serializeWithBufferAndIndex(object, finalBuffer, options = {}) {
  const bytes = serialize(object, options);
  const start = typeof options.index === 'number' ? options.index : 0;
  finalBuffer.set(bytes, start);
  return start + bytes.length - 1;
}

export function calculateObjectSize(object, options = {}) {
  // An array counts as a document whose keys are its indexes.
  const counted = Array.isArray(object) ? { ...object } : object;
  Object.keys(counted);
  return ops.serialize(counted, settings(options)).length;
}

function toBytes(buffer) {
  if (ArrayBuffer.isView(buffer) || isAnyArrayBuffer(buffer)) return viewOf(buffer);
  throw new BSONError('Cannot create Buffer from the passed potentialBuffer.');
}

const sizeAt = (bytes, index) => bytes[index] | (bytes[index + 1] << 8) | (bytes[index + 2] << 16) | (bytes[index + 3] << 24);

/** Whether texts are checked. Rules for single fields are only checked for sense. */
function checksUtf8({ validation }) {
  if (validation === undefined || validation === null) return true;
  const { utf8 } = validation;
  if (typeof utf8 === 'boolean') return utf8;
  const rules = Object.values(utf8);
  if (rules.length === 0) throw new BSONError('UTF-8 validation setting cannot be empty');
  if (typeof rules[0] !== 'boolean') throw new BSONError('Invalid UTF-8 validation option, must specify boolean values');
  if (rules.some(rule => rule !== rules[0])) throw new BSONError('Invalid UTF-8 validation option - keys must be all true or all false');
  return !rules[0];
}

export function deserialize(buffer, options = {}) {
  const bytes = toBytes(buffer);
  const index = options.index ?? 0;
  const size = sizeAt(bytes, index);
  const isTolerant = options.allowObjectSmallerThanBufferSize;
  if (size < 5) throw new BSONError(`bson size must be >= 5, is ${size}`);
  if (isTolerant && bytes.length < size) throw new BSONError(`buffer length ${bytes.length} must be >= bson size ${size}`);
  if (!isTolerant && bytes.length !== size) throw new BSONError(`buffer length ${bytes.length} must === bson size ${size}`);
  if (size + index > bytes.byteLength) {
    throw new BSONError(`(bson size ${size} + options.index ${index} must be <= buffer length ${bytes.byteLength})`);
  }
  if (bytes[index + size - 1] !== 0) {
    throw new BSONError("One object, sized correctly, with a spot for an EOO, but the EOO isn't 0x00");
  }
  const { useBigInt64, promoteLongs = true, promoteValues = true } = options;
  if (useBigInt64 && !(promoteLongs && promoteValues)) {
    throw new BSONError('Must either request bigint or Long for int64 deserialization');
  }
  const flags = flagsOf({ ...options, enableUtf8Validation: checksUtf8(options) });
  return ops.deserialize(bytes.subarray(index, index + size), flags);
}

/** Reads several documents that stand one behind the other; gives the place behind the last. */
export function deserializeStream(data, startIndex, numberOfDocuments, documents, docStartIndex, options) {
  const bytes = toBytes(data);
  let index = startIndex;
  for (let number = 0; number < numberOfDocuments; number += 1) {
    const size = sizeAt(bytes, index);
    documents[docStartIndex + number] = deserialize(bytes, { ...options, allowObjectSmallerThanBufferSize: true, index });
    index += size;
  }
  return index;
}

/** There is no buffer here that could be too small. */
export function setInternalBufferSize() {}

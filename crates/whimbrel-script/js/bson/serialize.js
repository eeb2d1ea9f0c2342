// `serialize`, `deserialize` and their kin: BSON bytes, which Rust makes and reads.
//
// The same conversion serves the database, so bytes made here are those that would be stored.

import { flagsOf } from '../driver/options.js';
import { ops } from '../driver/operation.js';
import { viewOf, isAnyArrayBuffer } from './bytes.js';
import { BSONError } from './errors.js';

/** `undefined` is null in a document that is stored, and left out of one that is only measured. */
const sizeOptions = options => ({ ...options, ignoreUndefined: options?.ignoreUndefined ?? true });

export function serialize(object, options = {}) {
  return viewOf(ops.serialize(object, flagsOf(options)));
}

/** Writes into a buffer of the caller's; gives the index of the last byte. */
export function serializeWithBufferAndIndex(object, finalBuffer, options = {}) {
  const bytes = serialize(object, options);
  const start = typeof options.index === 'number' ? options.index : 0;
  finalBuffer.set(bytes, start);
  return start + bytes.length - 1;
}

export function calculateObjectSize(object, options = {}) {
  return ops.serialize(object, flagsOf(sizeOptions(options))).length;
}

function toBytes(buffer) {
  if (ArrayBuffer.isView(buffer) || isAnyArrayBuffer(buffer)) return viewOf(buffer);
  throw new BSONError('Cannot create Buffer from the passed potentialBuffer.');
}

function sizeAt(bytes, index) {
  return bytes[index] | (bytes[index + 1] << 8) | (bytes[index + 2] << 16) | (bytes[index + 3] << 24);
}

export function deserialize(buffer, options = {}) {
  const bytes = toBytes(buffer);
  const index = options.index ?? 0;
  const size = bytes.byteLength - index < 5 ? 0 : sizeAt(bytes, index);
  if (size < 5) throw new BSONError(`bson size must be >= 5, is ${size}`);
  if (options.allowObjectSmallerThanBufferSize && bytes.length < size) {
    throw new BSONError(`buffer length ${bytes.length} must be >= bson size ${size}`);
  }
  if (!options.allowObjectSmallerThanBufferSize && bytes.length !== size) {
    throw new BSONError(`buffer length ${bytes.length} must === bson size ${size}`);
  }
  if (size + index > bytes.byteLength) throw new BSONError(`(bson size ${size} + options.index ${index} must be <= buffer length ${bytes.byteLength})`);
  if (bytes[index + size - 1] !== 0) throw new BSONError("One object, sized correctly, with a spot for an EOO, but the EOO isn't 0x00");
  return ops.deserialize(bytes.subarray(index, index + size), flagsOf({ ...options, raw: false, enableUtf8Validation: utf8Of(options) }));
}

/** Only `false` for everything switches the check off. */
function utf8Of({ validation }) {
  return validation?.utf8 !== false;
}

/** Reads several documents that stand one behind the other; gives the place behind the last. */
export function deserializeStream(data, startIndex, numberOfDocuments, documents, docStartIndex, options) {
  const bytes = toBytes(data);
  let index = startIndex;
  for (let number = 0; number < numberOfDocuments; number += 1) {
    const size = sizeAt(bytes, index);
    documents[docStartIndex + number] = deserialize(bytes.subarray(index, index + size), { ...options, index: 0 });
    index += size;
  }
  return index;
}

/** There is no buffer here that could be too small. */
export function setInternalBufferSize() {}

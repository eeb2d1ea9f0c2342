// `Binary` and `UUID`.
//
// One file, because each needs the other: a UUID is a Binary of subtype 4, and `Binary.toUUID` makes one.
// `buffer` may be longer than the content; `position` is where the content ends. The vector subtype's
// arithmetic is in `vector.js`, the text forms of bytes in `bytes.js`.

import {
  allocate, fromBase64, fromHex, fromNumbers, isUint8Array, randomBytes, sameBytes, toBase64, toHex,
  toUTF8, viewOf,
} from './bytes.js';
import { BSONError } from './errors.js';
import { BSONValue, plainInspect } from './value.js';
import {
  VECTOR_SUBTYPE, VECTOR_TYPE, elementBytes, packBits, unpackBits, validateVector, vectorBytes,
} from './vector.js';

const UUID_TEXT = /^(?:[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i;
const UUID_BYTES = 16;

// The byte that `put` was given, as a number.
function byteFrom(value) {
  if (typeof value === 'number') return value;
  if (value.length === 1) return typeof value === 'string' ? value.charCodeAt(0) : value[0];
  throw new BSONError(
    `only accepts single character ${typeof value === 'string' ? 'String' : 'Uint8Array or Array'}`
  );
}

export class Binary extends BSONValue {
  static BUFFER_SIZE = 256;
  static SUBTYPE_DEFAULT = 0;
  static SUBTYPE_FUNCTION = 1;
  static SUBTYPE_BYTE_ARRAY = 2;
  static SUBTYPE_UUID_OLD = 3;
  static SUBTYPE_UUID = 4;
  static SUBTYPE_MD5 = 5;
  static SUBTYPE_ENCRYPTED = 6;
  static SUBTYPE_COLUMN = 7;
  static SUBTYPE_SENSITIVE = 8;
  static SUBTYPE_VECTOR = VECTOR_SUBTYPE;
  static SUBTYPE_USER_DEFINED = 128;
  static VECTOR_TYPE = VECTOR_TYPE;

  get _bsontype() {
    return 'Binary';
  }

  /** Without bytes: an empty value with room to `put` and `write`. */
  constructor(buffer, subType) {
    super();
    if (typeof buffer === 'string') {
      throw new BSONError('Binary can only be constructed from Uint8Array or number[]');
    }
    const bytes = buffer == null ? allocate(Binary.BUFFER_SIZE)
      : Array.isArray(buffer) ? fromNumbers(buffer) : viewOf(buffer);
    this.buffer = bytes;
    this.sub_type = (subType ?? Binary.SUBTYPE_DEFAULT) & 0xff;
    this.position = buffer == null ? 0 : bytes.byteLength;
  }

  #grow(by) {
    const larger = allocate(this.buffer.byteLength + by);
    larger.set(this.buffer, 0);
    this.buffer = larger;
  }

  get #content() {
    return this.buffer.subarray(0, this.position);
  }

  /** Appends one byte. */
  put(byteValue) {
    const byte = byteFrom(byteValue);
    if (byte < 0 || byte > 255) {
      throw new BSONError('only accepts number in a valid unsigned byte range 0-255');
    }
    if (this.buffer.byteLength <= this.position) this.#grow(Binary.BUFFER_SIZE);
    this.buffer[this.position++] = byte;
  }

  /** Writes bytes at `offset`, by default at the end. */
  write(sequence, offset) {
    const at = typeof offset === 'number' ? offset : this.position;
    if (this.buffer.byteLength < at + sequence.length) this.#grow(sequence.length);
    if (ArrayBuffer.isView(sequence)) {
      this.buffer.set(viewOf(sequence), at);
      this.position = Math.max(this.position, at + sequence.byteLength);
    } else if (typeof sequence === 'string') {
      throw new BSONError('input cannot be string');
    }
  }

  /** A view of at most `length` bytes from `position` on. */
  read(position, length) {
    const end = position + (length > 0 ? length : this.position);
    return this.buffer.subarray(position, Math.min(end, this.position));
  }

  value() {
    return this.buffer.length === this.position ? this.buffer : this.#content;
  }

  length() {
    return this.position;
  }

  toJSON() {
    return toBase64(this.#content);
  }

  toString(encoding) {
    if (encoding === 'hex') return toHex(this.#content);
    if (encoding === 'base64') return toBase64(this.#content);
    return toUTF8(this.buffer, 0, this.position);
  }

  inspect(_depth, options, inspect = plainInspect) {
    const text = inspect(toBase64(this.#content), options);
    return `Binary.createFromBase64(${text}, ${inspect(this.sub_type, options)})`;
  }

  toUUID() {
    if (this.sub_type === Binary.SUBTYPE_UUID) return new UUID(this.#content);
    throw new BSONError(
      `Binary sub_type "${this.sub_type}" (${typeof this.sub_type}) is not supported for converting to UUID. Only 0x04 is currently supported.`
    );
  }

  static createFromHexString(hex, subType) {
    return new Binary(fromHex(hex), subType);
  }

  static createFromBase64(base64, subType) {
    return new Binary(fromBase64(base64), subType);
  }

  toInt8Array() {
    return new Int8Array(elementBytes(this, 'Int8').buffer);
  }

  toFloat32Array() {
    return new Float32Array(elementBytes(this, 'Float32').buffer);
  }

  toPackedBits() {
    return elementBytes(this, 'PackedBit');
  }

  toBits() {
    return unpackBits(this);
  }

  static #vector(bytes) {
    const binary = new Binary(bytes, VECTOR_SUBTYPE);
    validateVector(binary);
    return binary;
  }

  static fromInt8Array(array) {
    return Binary.#vector(vectorBytes('Int8', 0, array));
  }

  static fromFloat32Array(array) {
    return Binary.#vector(vectorBytes('Float32', 0, array));
  }

  static fromPackedBits(array, padding = 0) {
    return Binary.#vector(vectorBytes('PackedBit', padding, array));
  }

  static fromBits(bits) {
    return new Binary(packBits(bits), VECTOR_SUBTYPE);
  }

  toExtendedJSON(options) {
    validateVector(this);
    // All of `buffer`, room at the end included: so says the npm package, and so stay the results.
    const base64 = toBase64(this.buffer);
    const subType = Number(this.sub_type).toString(16).padStart(2, '0');
    return options?.legacy ? { $binary: base64, $type: subType } : { $binary: { base64, subType } };
  }

  static fromExtendedJSON(doc, options) {
    let data;
    let type = 0;
    if ('$binary' in doc) {
      if (typeof doc.$binary !== 'string') {
        type = doc.$binary.subType ? parseInt(doc.$binary.subType, 16) : 0;
        data = fromBase64(doc.$binary.base64);
      } else if (options?.legacy && '$type' in doc) {
        type = doc.$type ? parseInt(doc.$type, 16) : 0;
        data = fromBase64(doc.$binary);
      }
    } else if ('$uuid' in doc) {
      type = Binary.SUBTYPE_UUID;
      data = UUID.bytesFromString(doc.$uuid);
    }
    if (!data) throw new BSONError(`Unexpected Binary Extended JSON format ${JSON.stringify(doc)}`);
    return type === Binary.SUBTYPE_UUID ? new UUID(data) : new Binary(data, type);
  }
}

export class UUID extends Binary {
  /** From text, sixteen bytes or another UUID; a random one (version 4) from nothing. */
  constructor(input) {
    super(UUID.#bytesOf(input), Binary.SUBTYPE_UUID);
  }

  static #bytesOf(input) {
    if (input == null) return UUID.generate();
    if (typeof input === 'string') return UUID.bytesFromString(input);
    if (input instanceof UUID) return new Uint8Array(input.buffer);
    if (ArrayBuffer.isView(input) && input.byteLength === UUID_BYTES) return input;
    throw new BSONError(
      'Argument passed in UUID constructor must be a UUID, a 16 byte Buffer or a 32/36 character hex string (dashes excluded/included, format: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx).'
    );
  }

  get id() {
    return this.buffer;
  }

  set id(value) {
    this.buffer = value;
  }

  toHexString(includeDashes = true) {
    const hex = toHex(this.buffer);
    if (!includeDashes) return hex;
    return [[0, 8], [8, 12], [12, 16], [16, 20], [20, 32]].map(([from, to]) => hex.slice(from, to)).join('-');
  }

  toString(encoding) {
    if (encoding === 'hex') return toHex(this.id);
    if (encoding === 'base64') return toBase64(this.id);
    return this.toHexString();
  }

  toJSON() {
    return this.toHexString();
  }

  inspect(_depth, options, inspect = plainInspect) {
    return `new UUID(${inspect(this.toHexString(), options)})`;
  }

  equals(otherId) {
    if (!otherId) return false;
    try {
      return sameBytes((otherId instanceof UUID ? otherId : new UUID(otherId)).id, this.id);
    } catch {
      return false;
    }
  }

  toBinary() {
    return new Binary(this.id, Binary.SUBTYPE_UUID);
  }

  /** Sixteen random bytes with the version and variant bits of a version 4 UUID. */
  static generate() {
    const bytes = randomBytes(UUID_BYTES);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    return bytes;
  }

  static isValid(input) {
    if (!input) return false;
    if (typeof input === 'string') return UUID.isValidUUIDString(input);
    if (isUint8Array(input)) return input.byteLength === UUID_BYTES;
    const isUUIDBinary = input._bsontype === 'Binary' && input.sub_type === Binary.SUBTYPE_UUID;
    return isUUIDBinary && input.buffer.byteLength === UUID_BYTES;
  }

  static createFromHexString(hexString) {
    return new UUID(UUID.bytesFromString(hexString));
  }

  static createFromBase64(base64) {
    return new UUID(fromBase64(base64));
  }

  static bytesFromString(representation) {
    if (UUID.isValidUUIDString(representation)) return fromHex(representation.replaceAll('-', ''));
    throw new BSONError(
      'UUID string representation must be 32 hex digits or canonical hyphenated representation'
    );
  }

  static isValidUUIDString(representation) {
    return UUID_TEXT.test(representation);
  }
}

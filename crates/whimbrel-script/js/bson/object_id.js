// `ObjectId`: twelve bytes, kept as 24 lower-case hex digits.
//
// Nearly every document holds one, most are never looked at, and the ones that are get printed or
// compared; so the text is the stored form (one string, taken as it comes from Rust) and bytes are made
// when `id` is read. The accepted inputs and the errors are those of the npm package.

import { allocate, fromBase64, fromHex, randomBytes, toBase64, toHex } from './bytes.js';
import { BSONError } from './errors.js';
import { BSONValue, plainInspect } from './value.js';

const HEX24 = /^[0-9a-fA-F]{24}$/;
const NOT_LOWER_HEX = /[^0-9a-f]/;

// The five bytes that tell processes apart, made on first use: the host's randomness may not be set up
// when this file loads. The counter starts at random, so that restarts within a second do not collide.
let processUnique = null;
let counter = Math.floor(Math.random() * 0x1000000);

const hexOf = (number, digits) => number.toString(16).padStart(digits, '0');

function generateHex(seconds) {
  processUnique ??= toHex(randomBytes(5));
  counter = (counter + 1) % 0x1000000;
  return hexOf(seconds >>> 0, 8) + processUnique + hexOf(counter, 6);
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

// Twelve bytes from `offset` on; what is missing reads as zero.
function hexFromBytes(bytes, offset = 0) {
  const whole = ArrayBuffer.isView(bytes) && !(bytes instanceof Uint8Array)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : bytes;
  let hex = '';
  for (let i = 0; i < 12; i++) hex += hexOf(whole[offset + i] & 0xff, 2);
  return hex;
}

export class ObjectId extends BSONValue {

  get _bsontype() {
    return 'ObjectId';
  }

  /** `offset` is for reading the bytes of an id straight out of a larger buffer. */
  constructor(inputId, offset) {
    super();
    if (typeof inputId === 'string' && offset === undefined) this.hex = ObjectId.#fromText(inputId);
    else if (typeof offset === 'number') this.hex = hexFromBytes(inputId, offset);
    else if (inputId == null) this.hex = generateHex(nowSeconds());
    else if (typeof inputId === 'object' && inputId instanceof ObjectId) this.hex = inputId.hex;
    else this.hex = ObjectId.#fromOther(inputId);
  }

  static #fromText(text) {
    // Ids read from the database take the first way: in QuickJS it is the cheapest check there is.
    if (text.length === 24 && !NOT_LOWER_HEX.test(text)) return text;
    if (HEX24.test(text)) return text.toLowerCase();
    throw new BSONError('input must be a 24 character hex string, 12 byte Uint8Array, or an integer');
  }

  // Bytes, an id made by another copy of the library, or a look-alike.
  static #fromOther(input) {
    let source = input;
    if (typeof input === 'object' && 'id' in input) {
      if (typeof input.id !== 'string' && !ArrayBuffer.isView(input.id)) {
        throw new BSONError('Argument passed in must have an id that is of type string or Buffer');
      }
      source = typeof input.toHexString === 'function' ? fromHex(input.toHexString()) : input.id;
    }
    if (typeof source === 'string') return ObjectId.#fromText(source);
    if (ArrayBuffer.isView(source) && source.byteLength === 12) return hexFromBytes(source);
    throw new BSONError('Argument passed in does not match the accepted types');
  }

  /** The twelve bytes, a fresh copy at each read. */
  get id() {
    return fromHex(this.hex);
  }

  set id(bytes) {
    this.hex = hexFromBytes(bytes);
  }

  toHexString() {
    return this.hex;
  }

  toString(encoding) {
    return encoding === 'base64' ? toBase64(this.id) : this.toHexString();
  }

  toJSON() {
    return this.toHexString();
  }

  equals(otherId) {
    if (otherId == null) return false;
    if (typeof otherId === 'string') return otherId.toLowerCase() === this.hex;
    if (typeof otherId !== 'object') return false;
    if (otherId instanceof ObjectId) return otherId.hex === this.hex;
    if (typeof otherId.toHexString !== 'function') return false;
    const hex = otherId.toHexString();
    return typeof hex === 'string' && hex.toLowerCase() === this.hex;
  }

  /** When the id was made, to the second. */
  getTimestamp() {
    return new Date(parseInt(this.hex.slice(0, 8), 16) * 1000);
  }

  inspect(_depth, options, inspect = plainInspect) {
    return `new ObjectId(${inspect(this.toHexString(), options)})`;
  }

  /** The npm package's serializer calls this on ids of its own major version, and so on ours. */
  serializeInto(bytes, index) {
    bytes.set(this.id, index);
    return 12;
  }

  toExtendedJSON() {
    return { $oid: this.toHexString() };
  }

  static fromExtendedJSON(doc) {
    return new ObjectId(doc.$oid);
  }

  /** The bytes of a new id, for `time` in seconds or for now. */
  static generate(time) {
    return fromHex(generateHex(typeof time === 'number' ? time : nowSeconds()));
  }

  static createPk() {
    return new ObjectId();
  }

  /** The lowest id of a second: for ranges, not for documents. */
  static createFromTime(time) {
    const bytes = allocate(12);
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, time);
    return new ObjectId(bytes);
  }

  static createFromHexString(hexString) {
    if (hexString?.length !== 24) throw new BSONError('hex string must be 24 characters');
    return new ObjectId(fromHex(hexString));
  }

  static createFromBase64(base64) {
    if (base64?.length !== 16) throw new BSONError('base64 string must be 16 characters');
    return new ObjectId(fromBase64(base64));
  }

  static isValid(id) {
    if (id == null) return false;
    if (typeof id === 'string') return HEX24.test(id);
    try {
      new ObjectId(id);
      return true;
    } catch {
      return false;
    }
  }
}

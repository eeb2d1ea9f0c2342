// `Hash` and `Hmac`: fed with `update`, or as streams: what is written is hashed, the digest comes out.
//
// Most are never used as streams, so that part of them is made when something asks for it.

import { Buffer } from '../buffer.js';
import { host } from '../host.js';
import { invalidArgValue, nodeError } from '../errors.js';
import Stream from '../stream.js';
import { asBuffer, bytesOf, checkInteger, checkString, dataOf, SECRET } from './bytes.js';

const { Transform } = Stream;
const LONGEST = 2 ** 32 - 1;
const inner = Symbol('state');

const finalized = () => nodeError(Error, 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
export const invalidDigest = name => nodeError(TypeError, 'ERR_CRYPTO_INVALID_DIGEST', `Invalid digest: ${name}`);

/** What starts a class of the module: its state, hidden. */
const keep = (stream, state) => Object.defineProperty(stream, inner, { value: { isFinal: false, ...state } });

function encodedDigest(bytes, encoding) {
  const buffer = asBuffer(bytes);
  return encoding && encoding !== 'buffer' && Buffer.isEncoding(encoding) ? buffer.toString(encoding) : buffer;
}

function update(data, encoding) {
  if (this[inner].isFinal) throw finalized();
  host.hashUpdate(this[inner].id, dataOf(data, 'data', encoding));
  return this;
}

export function Hash(algorithm, options) {
  if (!(this instanceof Hash)) return new Hash(algorithm, options);
  checkString(algorithm, 'algorithm');
  const length = options?.outputLength;
  if (length !== undefined) checkInteger(length, 'options.outputLength', 0, LONGEST);
  const id = host.hashNew(algorithm, null);
  if (length !== undefined) checkLength(algorithm, length);
  keep(this, { id, length, options });
}

// The hashes on offer have one length each; only SHAKE may be cut, and it may also not be longer.
function checkLength(algorithm, length) {
  const own = host.hashDigest(host.hashNew(algorithm, null)).length;
  if (length === own || (/^shake/i.test(algorithm) && length < own)) return;
  const message = 'error:030000B2:digital envelope routines::not XOF or invalid length';
  throw nodeError(Error, 'ERR_OSSL_EVP_NOT_XOF_OR_INVALID_LENGTH', message);
}

export function Hmac(hmac, key, options) {
  if (!(this instanceof Hmac)) return new Hmac(hmac, key, options);
  checkString(hmac, 'hmac');
  const secret = bytesOf(key, 'key', [...SECRET, 'KeyObject', 'CryptoKey'], options?.encoding);
  keep(this, { id: newKeyed(hmac, secret), options });
}

function newKeyed(digest, key) {
  try {
    return host.hashNew(digest, key);
  } catch (error) {
    if (error.message === 'Digest method not supported') throw invalidDigest(digest);
    throw error;
  }
}

for (const Class of [Hash, Hmac]) {
  Object.setPrototypeOf(Class.prototype, Transform.prototype);
  Object.setPrototypeOf(Class, Transform);
  Class.prototype.update = update;
  Class.prototype._transform = function transform(chunk, encoding, callback) {
    host.hashUpdate(this[inner].id, dataOf(chunk, 'data', encoding));
    callback();
  };
  // The end of the stream is not the end of the hash: what it gave is given once more by `digest`.
  Class.prototype._flush = function flush(callback) {
    this[inner].flushed = host.hashDigest(this[inner].id).slice(0, this[inner].length);
    this.push(Buffer.from(this[inner].flushed));
    callback();
  };
  for (const name of ['_readableState', '_writableState']) {
    Object.defineProperty(Class.prototype, name, {
      get() {
        if (!this[inner]) return undefined;
        Transform.call(this, this[inner].options);
        return this[name];
      },
      set(value) { Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true }); },
      configurable: true,
    });
  }
}

Hash.prototype.digest = function digest(encoding) {
  const state = this[inner];
  if (state.isFinal) throw finalized();
  const bytes = state.flushed ?? host.hashDigest(state.id).slice(0, state.length);
  state.isFinal = true;
  return encodedDigest(bytes, encoding);
};

Hash.prototype.copy = function copy(options) {
  const state = this[inner];
  if (state.isFinal) throw finalized();
  const made = Object.create(Hash.prototype);
  keep(made, { ...state, ...(options === undefined ? {} : { options, length: options.outputLength }), id: host.hashCopy(state.id) });
  return made;
};

/** Asked a second time, an HMAC answers with nothing instead of an error. */
Hmac.prototype.digest = function digest(encoding) {
  const state = this[inner];
  const bytes = state.isFinal ? new Uint8Array(0) : state.flushed ?? host.hashDigest(state.id);
  state.isFinal = true;
  return encodedDigest(bytes, encoding);
};

export const createHash = (algorithm, options) => new Hash(algorithm, options);
export const createHmac = (hmac, key, options) => new Hmac(hmac, key, options);
export const getHashes = () => [...host.hashNames()];

/** One hash in one call. */
export function hash(algorithm, input, givenEncoding = 'hex') {
  const outputEncoding = givenEncoding === '' ? 'utf8' : givenEncoding;
  checkString(algorithm, 'algorithm');
  const data = dataOf(input, 'input');
  if (outputEncoding !== 'buffer' && !Buffer.isEncoding(outputEncoding)) {
    checkString(outputEncoding, 'outputEncoding');
    throw invalidArgValue('outputEncoding', outputEncoding);
  }
  let id;
  try {
    id = host.hashNew(algorithm, null);
  } catch (error) {
    throw error.message === 'Digest method not supported' ? new Error(`Digest method ${algorithm} is not supported`) : error;
  }
  host.hashUpdate(id, data);
  return encodedDigest(host.hashDigest(id), outputEncoding);
}

// Keys out of secrets: PBKDF2, scrypt, HKDF. The callback forms do the work at the call and answer later.

import { host } from '../host.js';
import { nodeError, outOfRange } from '../errors.js';
import { later } from '../fs/later.js';
import { asBuffer, bytesOf, checkCallback, checkInteger, checkString, SECRET } from './bytes.js';
import { invalidDigest } from './hash.js';

const LARGEST = 2 ** 31 - 1;
const LONGEST_INFO = 1024;

// What the host says of a digest it does not know, in the words of these functions.
function withDigest(digest, derive) {
  try {
    return derive();
  } catch (error) {
    throw error.message === 'Digest method not supported' ? invalidDigest(digest) : error;
  }
}

/** The callback form: arguments are checked first, then whether there is a callback. */
function answered(callback, derive) {
  const key = derive();
  later(callback, null, key);
}

export function pbkdf2Sync(password, salt, iterations, keylen, digest) {
  checkString(digest, 'digest');
  const secret = bytesOf(password, 'password', SECRET);
  const grain = bytesOf(salt, 'salt', SECRET);
  checkInteger(iterations, 'iterations', 1, LARGEST);
  checkInteger(keylen, 'keylen', 0, LARGEST);
  return asBuffer(withDigest(digest, () => host.pbkdf2(digest, secret, grain, iterations, keylen)));
}

export function pbkdf2(password, salt, iterations, keylen, digest, callback) {
  if (typeof digest === 'function') checkString(undefined, 'digest');
  checkString(digest, 'digest');
  bytesOf(password, 'password', SECRET);
  checkCallback(callback);
  answered(callback, () => pbkdf2Sync(password, salt, iterations, keylen, digest));
}

const invalidParameter = () => nodeError(Error, 'ERR_CRYPTO_SCRYPT_INVALID_PARAMETER', 'Invalid scrypt parameter');
const invalidParams = (detail = '') => nodeError(RangeError, 'ERR_CRYPTO_INVALID_SCRYPT_PARAMS', `Invalid scrypt params${detail}`);
const tooMuchMemory = () => invalidParams(': error:030000AC:digital envelope routines::memory limit exceeded');

// Zero means the default, and so does what is absent; a name and its alias exclude each other.
function scryptCosts(options) {
  const pick = (name, alias, fallback) => {
    const [short, long] = [options?.[name], options?.[alias]];
    if (short !== undefined && long !== undefined) throw invalidParameter();
    if (short !== undefined) checkInteger(short, name, 0, 2 ** 32 - 1);
    if (long !== undefined) checkInteger(long, alias, 0, 2 ** 32 - 1);
    return short || long || fallback;
  };
  const costs = { N: pick('N', 'cost', 16384), r: pick('r', 'blockSize', 8), p: pick('p', 'parallelization', 1), maxmem: 32 * 2 ** 20 };
  if (options?.maxmem !== undefined) {
    checkInteger(options.maxmem, 'maxmem', 0, Number.MAX_SAFE_INTEGER);
    costs.maxmem = options.maxmem || costs.maxmem;
  }
  return costs;
}

function checkCosts({ N, r, p, maxmem }) {
  if (N < 2 || !Number.isInteger(Math.log2(N))) throw invalidParams();
  // What the algorithm keeps: p blocks, and N + 2 of them for its table.
  if (p * r > 2 ** 30 - 1 || 128 * r * p + 128 * r * (N + 2) > maxmem) throw tooMuchMemory();
}

export function scryptSync(password, salt, keylen, options) {
  const secret = bytesOf(password, 'password', SECRET);
  const grain = bytesOf(salt, 'salt', SECRET);
  checkInteger(keylen, 'keylen', 0, LARGEST);
  const costs = scryptCosts(options);
  checkCosts(costs);
  if (keylen === 0) return asBuffer(new Uint8Array(0));
  return asBuffer(host.scrypt(secret, grain, costs.N, costs.r, costs.p, keylen));
}

export function scrypt(password, salt, keylen, ...rest) {
  const [options, callback] = rest[1] === undefined ? [undefined, rest[0]] : rest;
  bytesOf(password, 'password', SECRET);
  bytesOf(salt, 'salt', SECRET);
  checkInteger(keylen, 'keylen', 0, LARGEST);
  scryptCosts(options);
  checkCallback(callback);
  answered(callback, () => scryptSync(password, salt, keylen, options));
}

const HKDF_BYTES = ['string', 'ArrayBuffer', 'TypedArray', 'DataView', 'Buffer'];

export function hkdfSync(digest, key, salt, info, length) {
  checkString(digest, 'digest');
  const secret = bytesOf(key, 'ikm', ['string', 'SecretKeyObject', ...HKDF_BYTES.slice(1)]);
  const grain = bytesOf(salt, 'salt', HKDF_BYTES);
  const context = bytesOf(info, 'info', HKDF_BYTES);
  checkInteger(length, 'length', 0, 2 ** 32);
  if (context.byteLength > LONGEST_INFO) {
    throw outOfRange('info', `must not contain more than ${LONGEST_INFO} bytes`, context.byteLength);
  }
  const bytes = withDigest(digest, () => {
    const id = host.hashNew(digest, null);
    if (length > 255 * host.hashDigest(id).length) throw nodeError(RangeError, 'ERR_CRYPTO_INVALID_KEYLEN', 'Invalid key length');
    return length === 0 ? new Uint8Array(0) : host.hkdf(digest, secret, grain, context, length);
  });
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

export function hkdf(digest, key, salt, info, length, callback) {
  if (typeof callback !== 'function') checkCallback(callback);
  answered(callback, () => hkdfSync(digest, key, salt, info, length));
}

// `crypto`: hashes, random values, keys out of secrets. No ciphers and no key pairs.

import { host } from './host.js';
import { nodeError } from './errors.js';
import { viewOf } from './crypto/bytes.js';
import { hkdf, hkdfSync, pbkdf2, pbkdf2Sync, scrypt, scryptSync } from './crypto/derive.js';
import { createHash, createHmac, getHashes, Hash, hash, Hmac } from './crypto/hash.js';
import { randomBytes, randomFill, randomFillSync, randomInt, randomUUID } from './crypto/random.js';
import { subtle, webcrypto } from './crypto/web.js';

function timingSafeEqual(left, right) {
  const [a, b] = [left, right].map((value, index) => {
    const view = viewOf(value);
    if (view !== undefined) return view;
    const message = `The "buf${index + 1}" argument must be an instance of ArrayBuffer, Buffer, TypedArray, or DataView.`;
    throw nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', message);
  });
  if (a.byteLength !== b.byteLength) {
    throw nodeError(RangeError, 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH', 'Input buffers must have the same byte length');
  }
  return host.timingSafeEqual(a, b);
}

const REFUSED = [
  'createCipheriv', 'createDecipheriv', 'createDiffieHellman', 'createDiffieHellmanGroup', 'createECDH', 'createPrivateKey',
  'createPublicKey', 'createSecretKey', 'createSign', 'createVerify', 'diffieHellman', 'generateKey', 'generateKeyPair',
  'generateKeyPairSync', 'generateKeySync', 'generatePrime', 'generatePrimeSync', 'getDiffieHellman', 'privateDecrypt', 'privateEncrypt',
  'publicDecrypt', 'publicEncrypt', 'sign', 'verify',
];
const INSTEAD = 'encrypt and sign in the application, and store the result';

const refused = Object.fromEntries(REFUSED.map(name => [name, () => {
  throw nodeError(Error, 'ERR_NOT_OFFERED', `crypto.${name} is not offered in a migration: ${INSTEAD}`);
}]));

export default {
  createHash, createHmac, getHashes, hash, Hash, Hmac, hkdf, hkdfSync, pbkdf2, pbkdf2Sync, randomBytes, randomFill, randomFillSync,
  randomInt, randomUUID, scrypt, scryptSync, timingSafeEqual,
  getCiphers: () => [],
  getCurves: () => [],
  getFips: () => 0,
  ...refused,
  constants: Object.create(null),
  webcrypto, subtle,
  getRandomValues: array => webcrypto.getRandomValues(array),
};

/** The global of the same name. */
export { webcrypto as crypto };

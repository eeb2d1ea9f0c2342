// Whimbrel's `crypto` against Node's own, the host being Node's: compared is what is around the algorithms.
//
// Deviations that are kept on purpose:
//
// | where | Node.js | Whimbrel | reason |
// | --- | --- | --- | --- |
// | ciphers, signatures, keys | offered | ERR_NOT_OFFERED | a migration has no business with them |
// | `shake128` with a longer `outputLength` | any length | error | the host gives one length |
// | callback forms | work on another thread | done at the call, told later | one thread |

import assert from 'node:assert/strict';
import nodeCrypto from 'node:crypto';
import { Readable as NodeReadable } from 'node:stream';
import test from 'node:test';
import util from 'node:util';
import crypto, { crypto as globalCrypto } from '../../crates/whimbrel-script/js/node/crypto.js';
import { useHost } from '../../crates/whimbrel-script/js/node/host.js';
import stream from '../../crates/whimbrel-script/js/node/stream.js';
import { random } from './compare.mjs';

const hashes = new Map();
let lastId = 0;
const keep = made => { hashes.set(++lastId, made); return lastId; };
const nodeText = value => (value instanceof Uint8Array ? value : new Uint8Array(value));

useHost({
  hashNew(algorithm, key) {
    try {
      return keep(key === null ? nodeCrypto.createHash(algorithm) : nodeCrypto.createHmac(algorithm, key));
    } catch { throw new Error('Digest method not supported'); }
  },
  hashUpdate: (id, bytes) => { assert.equal(bytes instanceof Uint8Array, true); hashes.get(id).update(bytes); },
  hashDigest: id => new Uint8Array(hashes.get(id).digest()),
  hashCopy: id => keep(hashes.get(id).copy()),
  hashNames: () => nodeCrypto.getHashes(),
  pbkdf2(digest, password, salt, iterations, length) {
    if (!nodeCrypto.getHashes().includes(digest)) throw new Error('Digest method not supported');
    return new Uint8Array(nodeCrypto.pbkdf2Sync(password, salt, iterations, length, digest));
  },
  scrypt: (password, salt, N, r, p, length) => new Uint8Array(nodeCrypto.scryptSync(password, salt, length, { N, r, p, maxmem: 2 ** 30 })),
  hkdf: (digest, key, salt, info, length) => new Uint8Array(nodeCrypto.hkdfSync(digest, key, salt, info, length)),
  random: count => { assert.ok(count <= 65536); return nodeText(nodeCrypto.randomBytes(count)); },
  timingSafeEqual: (a, b) => nodeCrypto.timingSafeEqual(a, b),
});

function plain(value) {
  if (value instanceof ArrayBuffer) return { buffer: Buffer.from(value).toString('hex') };
  if (ArrayBuffer.isView(value)) return { kind: value.constructor.name === 'FastBuffer' ? 'Buffer' : value.constructor.name, bytes: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex') };
  if (Array.isArray(value)) return value.map(plain);
  return value;
}

const failure = error => ({ name: error.name, code: error.code, message: error.message });

function outcome(call, lib) {
  try {
    return { value: plain(call(lib)) };
  } catch (error) {
    return failure(error);
  }
}

const same = (call, what) => assert.deepEqual(outcome(call, crypto), outcome(call, nodeCrypto), what ?? call.toString());

async function sameLater(call, what) {
  const settle = async lib => { try { return { value: plain(await call(lib)) }; } catch (error) { return failure(error); } };
  assert.deepEqual(await settle(crypto), await settle(nodeCrypto), what ?? call.toString());
}

const ODD = [undefined, null, 5, -1, 1.5, NaN, 'x', '', true, {}, [], Symbol('s'), () => {}, 2 ** 40];
const DATA = ['', 'text', 'ü€𝄞', Buffer.from('buffer'), new Uint8Array([1, 2, 255]), new Uint16Array([1, 65535]), new DataView(new ArrayBuffer(3)), new Float64Array([1.5])];

test('hashes', () => {
  for (const algorithm of ['md5', 'sha1', 'sha224', 'sha256', 'SHA256', 'SHA-256', 'sha384', 'sha512', 'RSA-SHA256', 'nope', ...ODD]) {
    for (const data of DATA) same(lib => [lib.createHash(algorithm).update(data).digest('hex'), lib.createHmac(algorithm, 'key').update(data).digest('base64')], util.inspect([algorithm, data]));
    same(lib => lib.createHmac(algorithm, 'k').digest());
    same(lib => lib.hash(algorithm, 'x'));
  }
  for (const data of [...ODD, new ArrayBuffer(2)]) {
    same(lib => lib.createHash('sha1').update(data).digest('hex'), util.inspect(data));
    same(lib => lib.createHmac('sha1', data).update('x').digest('hex'), util.inspect(data));
    same(lib => lib.hash('sha1', data), util.inspect(data));
  }
  for (const encoding of ['hex', 'base64', 'base64url', 'latin1', 'utf8', 'buffer', 'nope', 'HEX', ...ODD.filter(one => typeof one !== 'symbol')]) {
    same(lib => lib.createHash('md5').update('4a6f', encoding).digest('hex'), util.inspect(encoding));
    same(lib => lib.createHash('md5').update('x').digest(encoding), util.inspect(encoding));
    same(lib => lib.createHmac('md5', 'k').update('x').digest(encoding), util.inspect(encoding));
    same(lib => lib.hash('md5', 'x', encoding), util.inspect(encoding));
  }
  const twice = [
    h => { h.digest(); h.digest(); }, h => { h.digest(); h.update('x'); }, h => { h.digest(); h.copy(); }, h => { const g = h.update('a').copy(); h.update('b'); return [g.digest('hex'), h.digest('hex')]; }, h => h.update('a') === h, h => h.copy().copy().update('z').digest('hex'),
  ];
  for (const call of twice) same(lib => call(lib.createHash('sha256')), call.toString());
  same(lib => { const h = lib.createHmac('sha1', 'k'); return [h.digest('hex'), h.digest('hex'), h.digest()]; });
  same(lib => { const h = lib.createHmac('sha1', 'k'); h.digest(); h.update('x'); });
  same(lib => [lib.createHash('md5') instanceof lib.Hash, lib.Hash('md5') instanceof lib.Hash, lib.createHmac('md5', 'k') instanceof lib.Hmac]);
  same(lib => lib.createHash('sha1', { outputLength: 5 }));
  same(lib => lib.createHash('sha1', { outputLength: 20 }).digest('hex'));
  same(lib => lib.createHash('shake128', { outputLength: 4 }).update('a').digest('hex'));
  for (const length of ODD) same(lib => lib.createHash('sha256', { outputLength: length }).digest('hex'), util.inspect(length));
  same(lib => lib.getHashes());
});

test('a hash is a stream', async () => {
  await sameLater(async lib => {
    const chunks = [];
    const h = lib.createHash('sha256');
    for await (const chunk of NodeReadable.from(['a', 'b', Buffer.from('c')]).pipe(h)) chunks.push(chunk);
    return chunks;
  });
  await sameLater(lib => new Promise((resolve, reject) => {
    const h = lib.createHmac('sha1', 'k');
    h.setEncoding('hex');
    h.on('readable', () => { const digest = h.read(); if (digest) resolve(digest); });
    h.on('error', reject);
    h.write('some');
    h.end('more');
  }));
  await sameLater(lib => new Promise(resolve => lib.createHash('md5', { encoding: 'hex' }).on('data', resolve).end('x')));
  const digest = crypto.createHash('sha1');
  await stream.promises.pipeline(stream.Readable.from(['x', 'y']), digest);
  assert.equal(digest.read().toString('hex'), nodeCrypto.createHash('sha1').update('xy').digest('hex'));
});

test('random values', async () => {
  for (const size of ODD) {
    if (size === 2 ** 40) continue;
    same(lib => lib.randomBytes(size).length, util.inspect(size));
    same(lib => lib.randomBytes(2, size).length, util.inspect(size));
    for (const call of [lib => lib.randomFillSync(new Uint8Array(4), size).length, lib => lib.randomFillSync(new Uint8Array(4), 1, size).length, lib => lib.randomFillSync(size), lib => lib.randomFill(new Uint8Array(4), size), lib => lib.randomFill(size, () => {}), lib => lib.randomUUID(size).length, lib => lib.randomUUID({ disableEntropyCache: size }).length]) same(call, `${call} ${util.inspect(size)}`);
    for (const other of ODD) same(lib => typeof lib.randomInt(size, other), util.inspect([size, other]));
    same(lib => typeof lib.randomInt(size), util.inspect(size));
    same(lib => lib.randomInt(1, 2, size), util.inspect(size));
  }
  for (const [min, max] of [[5, 5], [5, 1], [0, 2 ** 48], [-(2 ** 53), 5], [1, 2], [-3, -2], [2 ** 47, 2 ** 47 + 1]]) same(lib => lib.randomInt(min, max), `${min} ${max}`);
  same(lib => lib.randomInt(2 ** 48));
  same(lib => typeof lib.randomInt(2 ** 48 - 1));
  same(lib => lib.randomFillSync(new Uint8Array(4), 3, 2));
  same(lib => lib.randomFillSync(new Uint16Array(4), 4, 1));
  same(lib => lib.randomFillSync(new ArrayBuffer(3)).byteLength);
  assert.equal(crypto.randomBytes(200000).subarray(-1000).some(byte => byte !== 0), true);
  const seen = new Set(Array.from({ length: 400 }, () => crypto.randomInt(-2, 3)));
  assert.deepEqual([...seen].sort((a, b) => a - b), [-2, -1, 0, 1, 2]);
  for (let i = 0; i < 100; i++) assert.match(crypto.randomUUID(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const part = crypto.randomFillSync(new Uint8Array(100), 10, 80);
  assert.equal([...part.subarray(0, 10), ...part.subarray(90)].every(byte => byte === 0), true);
  assert.equal(part.subarray(10, 90).some(byte => byte !== 0), true);
  const promised = call => new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value))));
  await sameLater(async lib => (await promised(done => lib.randomBytes(7, done))).length);
  await sameLater(async lib => typeof await promised(done => lib.randomInt(7, done)));
  await sameLater(async lib => (await promised(done => lib.randomFill(new Uint8Array(5), 1, 2, done))).length);
});

test('timingSafeEqual', () => {
  const values = [...DATA, ...ODD, new ArrayBuffer(1), Buffer.from([0]), new Uint8Array(2), new Uint16Array(1)];
  for (const left of values) for (const right of values) same(lib => lib.timingSafeEqual(left, right), util.inspect([left, right]));
});

test('keys out of secrets', async () => {
  for (const odd of [...ODD, new ArrayBuffer(2)]) {
    const shown = util.inspect(odd);
    if (odd !== 2 ** 40 && odd !== true) {
      same(lib => lib.pbkdf2Sync('p', 's', odd, 5, 'sha1'), shown);
      same(lib => lib.pbkdf2Sync('p', 's', 1, odd, 'sha1'), shown);
      same(lib => lib.scryptSync('p', 's', odd, { N: 2 }), shown);
      same(lib => lib.hkdfSync('sha1', 'k', 's', 'i', odd), shown);
    }
    same(lib => lib.pbkdf2Sync(odd, 's', 1, 5, 'sha1'), shown);
    same(lib => lib.pbkdf2Sync('p', odd, 1, 5, 'sha1'), shown);
    same(lib => lib.pbkdf2Sync('p', 's', 1, 5, odd), shown);
    if (typeof odd !== 'function') same(lib => lib.pbkdf2('p', 's', 1, 5, 'sha1', odd), shown);
    same(lib => lib.scryptSync(odd, 's', 5, { N: 2 }), shown);
    same(lib => lib.scryptSync('p', odd, 5, { N: 2 }), shown);
    for (const name of ['N', 'r', 'p', 'cost', 'blockSize', 'parallelization', 'maxmem']) same(lib => lib.scryptSync('p', 's', 5, { N: name === 'N' || name === 'cost' ? undefined : 4, [name]: odd }), `${name} ${shown}`);
    if (typeof odd !== 'function') same(lib => lib.scrypt('p', 's', 5, { N: 2 }, odd), shown);
    same(lib => lib.hkdfSync(odd, 'k', 's', 'i', 5), shown);
    same(lib => lib.hkdfSync('sha256', odd, 's', 'i', 5), shown);
    same(lib => lib.hkdfSync('sha256', 'k', odd, 'i', 5), shown);
    same(lib => lib.hkdfSync('sha256', 'k', 's', odd, 5), shown);
    if (typeof odd !== 'function') same(lib => lib.hkdf('sha256', 'k', 's', 'i', 5, odd), shown);
  }
  for (const digest of ['md5', 'sha256', 'sha512', 'nope']) {
    same(lib => lib.pbkdf2Sync('pass', Buffer.from('salt'), 10, 33, digest), digest);
    same(lib => lib.hkdfSync(digest, Buffer.from('key'), new Uint8Array(4), '', 50), digest);
    await sameLater(lib => util.promisify((...args) => lib.pbkdf2('p', 's', 2, 8, digest, ...args))(), digest);
    await sameLater(lib => util.promisify((...args) => lib.hkdf(digest, 'k', 's', 'i', 8, ...args))(), digest);
  }
  same(lib => lib.hkdfSync('sha1', 'k', 's', 'i', 20 * 255 + 1));
  same(lib => lib.hkdfSync('sha1', 'k', 's', 'i'.repeat(1025), 1));
  const costs = [
    undefined, null, {}, { N: 3 }, { N: 1 }, { N: 0 }, { r: 0, p: 0 }, { N: 2, cost: 2 }, { r: 1, blockSize: 1 }, { p: 1, parallelization: 1 }, { cost: 8, blockSize: 2, parallelization: 3 }, { N: 2 ** 15 }, { N: 2 ** 14, p: 2 }, { maxmem: 100 }, { maxmem: 128 * 8 * (16384 + 2 + 1) }, { maxmem: 128 * 8 * (16384 + 2 + 1) - 1 }, { N: 2, r: 2 ** 20, p: 2 ** 12 }, { N: 2 ** 15, maxmem: 2 ** 26 },
  ];
  for (const options of costs) same(lib => lib.scryptSync('pass', 'salt', 20, options), util.inspect(options));
  await sameLater(lib => util.promisify(done => lib.scrypt('p', 's', 9, done))());
  await sameLater(lib => util.promisify(done => lib.scrypt('p', 's', 9, { N: 16 }, done))());
  same(lib => lib.scrypt('p', 's', 9, { N: 16, cost: 16 }, () => {}));
});

test('webcrypto', async () => {
  for (const name of ['SHA-1', 'sha-256', 'SHA-384', 'SHA-512', 'MD5', { name: 'SHA-256' }]) {
    for (const data of [new Uint8Array([1, 2]), new ArrayBuffer(3), Buffer.from('x'), 'text', 5]) await sameLater(lib => lib.webcrypto.subtle.digest(name, data), util.inspect([name, data]));
  }
  await sameLater(lib => lib.subtle.digest());
  for (const array of [new Uint8Array(4), new Int32Array(2), new BigInt64Array(1), new Float32Array(1), new DataView(new ArrayBuffer(1)), new Uint8Array(65536), new Uint8Array(65537), 5, undefined]) same(lib => lib.webcrypto.getRandomValues(array) === array, util.inspect(array));
  same(lib => [Object.prototype.toString.call(lib.webcrypto), typeof lib.webcrypto.randomUUID(), lib.getRandomValues(new Uint8Array(3)).length]);
  assert.equal(globalCrypto, crypto.webcrypto);
});

test('what is not offered says so', () => {
  assert.throws(() => crypto.createCipheriv('aes-128-cbc', 'k', 'i'), { code: 'ERR_NOT_OFFERED', message: /^crypto\.createCipheriv is not offered in a migration: / });
});

test('random input', () => {
  const { bytes, below, pick } = random(11);
  for (let round = 0; round < 300; round++) {
    const pieces = Array.from({ length: below(6) }, () => bytes(below(200)));
    const algorithm = pick(['md5', 'sha1', 'sha256', 'sha512']);
    same(lib => { const h = lib.createHash(algorithm); for (const piece of pieces) h.update(piece); return h.digest(); });
    same(lib => { const h = lib.createHmac(algorithm, bytes(0).length ? '' : pieces[0] ?? ''); for (const piece of pieces) h.update(piece); return h.digest(); });
  }
});

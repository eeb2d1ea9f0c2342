// Random values and random BSON, the same on every engine for the same seed. Used by both sides of `conversion.test.mjs`.

import {
  Binary, BSONRegExp, BSONSymbol, Code, DBRef, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp, UUID,
} from 'bson';

/** A small seeded generator (mulberry32). */
export function random(seed) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = n => Math.floor(next() * n);
  return { next, below, pick: list => list[below(list.length)], bytes: n => Uint8Array.from({ length: n }, () => below(256)) };
}

const KEYS = ['a', 'b', 'name', '', '0', '1', '10', '2', '-1', '01', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype',
  'a.b', '.', '$set', '$', '$ref', '$id', '$db', 'é', '日本', '𝄞', '\ud800', 'x\udfff', '_id', '_bsontype2', 'length', 'x y', '"', '\n'];
const TEXTS = ['', 'a', 'häß', '日本語', '𝄞', '\ud800', 'a\udc00b', '\0', 'a\0b', '\ufeffmarked', '\u2028', 'x'.repeat(300), '{"a":1}', '\uffff'];
const NUMBERS = [0, -0, 1, -1, 1.5, -1.5, NaN, Infinity, -Infinity, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2 ** 53, -(2 ** 53), 1e300, 5e-324, 0.1];
const BIGS = [0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, 2n ** 64n + 5n, -(2n ** 70n)];
const DATES = [0, 1, -1, 86400000.5, 8.64e15, -8.64e15, NaN, 1.6e12];

class Money {
  constructor(amount) { this.amount = amount; }
  get computed() { return 1; }
  method() { return 2; }
}

class WithToBSON {
  constructor(value) { this.value = value; }
  toBSON() { return this.value; }
}

/** A random JavaScript value, at most `depth` deep. */
export function value(rng, depth) {
  const { below, pick, bytes } = rng;
  const leaf = [
    () => pick(TEXTS), () => pick(NUMBERS), () => rng.below(2 ** 32) - 2 ** 31, () => pick(BIGS), () => below(2) === 0, () => null, () => undefined,
    () => new Date(pick(DATES)), () => new RegExp(pick(['a', '^x/y$', '', '\\d+', 'ü']), pick(['', 'i', 'g', 'm', 'im', 'gim', 's', 'u', 'y'])),
    () => bytes(below(20)), () => new ObjectId(bytes(12)), () => new Binary(bytes(below(20)), pick([0, 1, 2, 3, 5, 128, 255])), () => new UUID(bytes(16)),
    () => new Long(below(2 ** 31), below(2 ** 31) - 2 ** 30), () => Long.fromString('18446744073709551615', true), () => new Double(pick(NUMBERS)), () => new Int32(below(1000) - 500),
    () => new Decimal128(bytes(16)), () => Decimal128.fromString(pick(['0', '-1.50', 'NaN', 'Infinity', '1E+6000', '9.999999999999999999999999999999999E+6144'])),
    () => new Timestamp({ t: below(2 ** 31), i: below(2 ** 31) }), () => new MinKey(), () => new MaxKey(), () => new BSONRegExp(pick(['a', 'b/c']), pick(['', 'xi', 'imx', 'lsu'])),
    () => new BSONSymbol(pick(['s', 'é'])), () => new Code(pick(['x()', 'function () { return 1; }'])), () => function named(a) { return a; }, () => (a => a), () => Symbol('s'),
    () => new Number(5), () => new String('ab'), () => new Boolean(false), () => new Uint16Array([1, 2]), () => new Float64Array([1.5]), () => new ArrayBuffer(3), () => new Error('message'),
    () => new Set([1, 2]), () => Promise.resolve(1), () => new DBRef('c', new ObjectId(bytes(12))), () => new DBRef('c', 5, 'db', { more: 1, gone: undefined, $odd: 1 }),
  ];
  if (depth <= 0) return pick(leaf)();
  const inner = () => value(rng, depth - 1 - below(2));
  const nested = [
    () => document(rng, depth - 1), () => document(rng, depth - 1), () => Array.from({ length: below(6) }, inner), () => { const list = [inner()]; list[below(4) + 1] = inner(); return list; },
    () => new Map(Array.from({ length: below(4) }, () => [pick(KEYS), inner()])), () => new Money(inner()), () => new WithToBSON(value(rng, 0)), () => new WithToBSON(document(rng, depth - 1)),
    () => Object.assign(Object.create(null), document(rng, depth - 1)), () => Object.create({ inherited: 1 }, { hidden: { value: 1 }, shown: { value: inner(), enumerable: true } }),
    () => new Code('x', document(rng, depth - 2)), () => Object.freeze(document(rng, depth - 2)), () => ({ get got() { return inner(); } }),
    () => { const shared = document(rng, depth - 2); return [shared, shared]; },
  ];
  return pick(below(3) === 0 ? nested : leaf)();
}

/** A random plain object. */
export function document(rng, depth = 4) {
  const made = {};
  const count = rng.below(7);
  for (let i = 0; i < count; i++) {
    const key = rng.pick(KEYS);
    Object.defineProperty(made, key, { value: value(rng, depth - 1), writable: true, enumerable: true, configurable: true });
  }
  return made;
}

// ---- random bytes that are BSON, or nearly

const utf8 = [[], [97], [195, 164], [240, 157, 132, 158], [239, 187, 191, 97], [255], [195], [237, 160, 128], [97, 128, 98], [224, 128, 128]];
const i32 = n => [n & 255, (n >> 8) & 255, (n >> 16) & 255, (n >> 24) & 255];
const keyBytes = rng => rng.pick([[97], [98], [], [48], [95, 95, 112, 114, 111, 116, 111, 95, 95], [36, 114, 101, 102], [36, 105, 100], [36, 100, 98], [195, 164], [255, 97], [36, 120]]);
const text = (rng, plain) => { const bytes = rng.pick(plain ? utf8.slice(0, 5) : utf8); return [...i32(bytes.length + 1), ...bytes, 0]; };
const some = (rng, n) => Array.from({ length: n }, () => rng.below(256));

function element(rng, depth, plain) {
  const string = () => text(rng, plain);
  const kinds = [
    () => [0x01, some(rng, 8)], () => [0x02, string()], () => [0x02, string()], () => [0x05, (() => { const n = rng.below(20); return [...i32(n), rng.pick([0, 1, 3, 4, 5, 9, 128]), ...some(rng, n)]; })()],
    () => [0x05, [...i32(16), 4, ...some(rng, 16)]], () => [0x05, [...i32(9), 2, ...i32(5), ...some(rng, 5)]], () => [0x06, []], () => [0x07, some(rng, 12)], () => [0x08, [rng.below(2)]],
    () => [0x09, [...some(rng, 6), ...rng.pick([[0, 0], [255, 255]])]], () => [0x0a, []], () => [0x0b, [...rng.pick(utf8.slice(0, 4)), 0, ...rng.pick([[], [105], [109, 115], [105, 120], [108]]), 0]],
    () => [0x0c, [...string(), ...some(rng, 12)]], () => [0x0d, string()], () => [0x0e, string()], () => [0x10, some(rng, 4)], () => [0x11, some(rng, 8)], () => [0x12, some(rng, 8)],
    () => [0x12, [...some(rng, 4), 0, 0, 0, 0]], () => [0x13, some(rng, 16)], () => [0xff, []], () => [0x7f, []],
  ];
  if (depth > 0) {
    kinds.push(() => [0x03, bytesOf(rng, depth - 1, plain)], () => [0x03, bytesOf(rng, depth - 1, plain)], () => [0x04, bytesOf(rng, depth - 1, plain, true)], () => {
      const code = string();
      const scope = bytesOf(rng, depth - 1, plain);
      return [0x0f, [...i32(4 + code.length + scope.length), ...code, ...scope]];
    });
  }
  return rng.pick(kinds)();
}

function bytesOf(rng, depth, plain, isArray = false) {
  const body = [];
  const count = rng.below(6);
  for (let i = 0; i < count; i++) {
    const [kind, bytes] = element(rng, depth, plain);
    body.push(kind, ...(isArray ? [48 + i] : keyBytes(rng)), 0, ...bytes);
  }
  return [...i32(body.length + 5), ...body, 0];
}

/** Random BSON; `plain` keeps to text that is UTF-8, `damage` changes a byte. */
export function bson(rng, { plain, damage }) {
  const bytes = bytesOf(rng, 4, plain);
  if (damage) bytes[rng.below(bytes.length)] = rng.below(256);
  return Uint8Array.from(bytes);
}

// Whimbrel's `EJSON` against the one of the npm package `bson`. No deviations.

import assert from 'node:assert/strict';
import test from 'node:test';
import * as bson from 'bson';
import * as ourTypes from '../../crates/whimbrel-script/js/bson/index.js';
import { EJSON } from '../../crates/whimbrel-script/js/ejson.js';
import { random, same } from './compare.mjs';

const ours = { ...ourTypes, EJSON };
const theirs = bson;
const check = (call, what) => same(ours, theirs, call, what);
const OPTIONS = [undefined, {}, { relaxed: true }, { relaxed: false }, { legacy: true }, { legacy: true, relaxed: false }, { ignoreUndefined: true }, { relaxed: false, useBigInt64: true }, { useBigInt64: true }];

const DOCUMENTS = [
  lib => ({ n: [0, -0, 1, -1, 1.5, 2 ** 31, 2 ** 31 - 1, -(2 ** 31), -(2 ** 31) - 1, 2 ** 53, 2 ** 63, -(2 ** 63), 2 ** 64, 1e300, NaN, Infinity, -Infinity, 1e-7] }),
  () => ({ b: [0n, 5n, -5n, 2n ** 63n, 2n ** 64n + 3n] }),
  () => ({ d: [new Date(0), new Date(-1), new Date(1), new Date(1700000000123), new Date(253402300799999), new Date(253402300800000), new Date(-62198755200000)] }),
  () => ({ r: [/a/, /a\/b/im, /x/s, /u/u] }),
  () => ({ r: /a/g }),
  () => ({ d: new Date(NaN) }),
  () => ({ u: undefined, n: null, t: true, f() {}, s: 'text' }),
  () => ({ m: new Map([['a', new Map([['b', 1]])], ['__proto__', 5]]) }),
  () => ({ m: new Map([[1, 2]]) }),
  () => ({ a: [[undefined], [null], [[]], {}] }),
  () => JSON.parse('{"__proto__":{"a":1},"b":2}'),
  () => Object.assign(Object.create(null), { a: 1 }),
  () => 5, () => 'x', () => null, () => undefined, () => [1], () => new Date(5), () => 5n, () => -0,
  lib => new lib.ObjectId('65f0a1b2c3d4e5f601234567'),
  lib => ({ v: [new lib.Long(5), new lib.Long(-1, -1), lib.Long.MAX_VALUE, lib.Long.MAX_UNSIGNED_VALUE, new lib.Double(5), new lib.Double(-0), new lib.Double(NaN), new lib.Double(1.5), new lib.Double(1e21), new lib.Int32(7)] }),
  lib => ({ v: [new lib.Decimal128('1.50'), new lib.Binary([1, 2], 5), new lib.Binary([1], 128), new lib.UUID('a'.repeat(32)), new lib.Timestamp({ t: 4000000000, i: 1 }), new lib.MinKey(), new lib.MaxKey()] }),
  lib => ({ v: [new lib.BSONRegExp('a', 'xi'), new lib.BSONSymbol('s'), new lib.Code('f'), new lib.Code('f', { a: new lib.Long(1), d: new Date(0) })] }),
  lib => ({ v: [new lib.DBRef('c', new lib.ObjectId('65f0a1b2c3d4e5f601234567')), new lib.DBRef('c', 5, 'd', { x: new lib.Int32(1) })] }),
  lib => ({ v: lib.Binary.fromInt8Array(Int8Array.from([1])) }),
  lib => ({ v: new lib.Binary([3, 1], 9) }),
  () => ({ _bsontype: 5 }), () => ({ _bsontype: null }), () => ({ _bsontype: 'Nope' }), () => ({ _bsontype: 'Nope', [Symbol.for('@@mdb.bson.version')]: 7 }), () => ({ _bsontype: 'Int32', value: 7 }),
  () => ({ v: { _bsontype: 'Int32', value: 7, [Symbol.for('@@mdb.bson.version')]: 7 } }), () => ({ v: { _bsontype: 'Long', low: 7, high: 1, unsigned: false, [Symbol.for('@@mdb.bson.version')]: 7 } }),
  () => ({ v: { _bsontype: 'Timestamp', low: 7, high: 1, [Symbol.for('@@mdb.bson.version')]: 7 } }), () => ({ v: { _bsontype: 'ObjectId', id: new Uint8Array(12), [Symbol.for('@@mdb.bson.version')]: 7 } }),
  () => { const a = {}; a.self = a; return a; },
  () => { const a = { one: { two: [0, {}] } }; a.one.two[1].three = a.one; return a; },
  () => { const a = [[]]; a[0].push(a); return { list: a }; },
  () => { const shared = { x: 1 }; return { a: shared, b: [shared, shared] }; },
  () => ({ toJSON() { return 5; }, a: 1 }),
  () => new (class Point { constructor() { this.x = 1; } get y() { return 2; } })(),
];

test('stringify and serialize, with every kind of option', () => {
  DOCUMENTS.forEach((make, index) => {
    for (const options of OPTIONS) {
      const what = `document ${index} (${make}) with ${JSON.stringify(options)}`;
      check(lib => lib.EJSON.stringify(make(lib), options), what);
      check(lib => lib.EJSON.serialize(make(lib), options), what);
      check(lib => lib.EJSON.parse(lib.EJSON.stringify(make(lib), options), options), `${what}, and back`);
      check(lib => lib.EJSON.deserialize(lib.EJSON.serialize(make(lib), options), options), `${what}, and back`);
    }
  });
});

test('stringify: replacer and space in all positions', () => {
  const doc = lib => ({ a: new lib.Int32(1), b: { a: 2, c: [1, 2] } });
  for (const args of [[null, 2], [null, '--'], [['a', 'b'], 2], [(k, v) => (k === 'c' ? undefined : v), 0], [{ relaxed: false }, 2], [null, 2, { relaxed: false }], [null, { relaxed: false }], [['a'], { relaxed: false }], [undefined, undefined, { relaxed: false }]]) {
    check(lib => lib.EJSON.stringify(doc(lib), ...args), JSON.stringify(args));
  }
});

const TEXTS = [
  '5', '-0', '-0.0', '1.5', '1e400', '2147483648', '9223372036854775807', '1e20', '"x"', 'null', 'true', '[1,[2]]', '{}', '', '{', '{"a":1}x',
  '{"$oid":"65f0a1b2c3d4e5f601234567"}', '{"$oid":"x"}', '{"$oid":5}', '{"$oid":null}', '{"$symbol":"s"}', '{"$numberInt":"5"}', '{"$numberInt":"x"}', '{"$numberInt":5}', '{"$numberLong":"5"}', '{"$numberLong":"x"}', '{"$numberLong":5}', '{"$numberLong":"9223372036854775808"}',
  '{"$numberDouble":"1.5"}', '{"$numberDouble":"NaN"}', '{"$numberDouble":"-0.0"}', '{"$numberDouble":"Infinity"}', '{"$numberDecimal":"1.50"}', '{"$numberDecimal":"x"}', '{"$minKey":1}', '{"$maxKey":1}', '{"$undefined":true}', '{"$undefined":false}',
  '{"$binary":{"base64":"AQI=","subType":"05"}}', '{"$binary":{"base64":"AQI="}}', '{"$binary":"AQI=","$type":"05"}', '{"$binary":"AQI="}', '{"$binary":{"base64":"qqqqqqqqSqqqqqqqqqqqqg==","subType":"04"}}', '{"$binary":{"base64":"qg==","subType":"04"}}', '{"$uuid":"aaaaaaaa-aaaa-4aaa-aaaa-aaaaaaaaaaaa"}', '{"$uuid":"x"}',
  '{"$date":"2020-01-01T00:00:00Z"}', '{"$date":"nope"}', '{"$date":5}', '{"$date":{"$numberLong":"5"}}', '{"$date":true}', '{"$date":{}}', '{"$date":null}', '{"$timestamp":{"t":5,"i":6}}', '{"$timestamp":{"t":4000000000,"i":6}}', '{"$timestamp":{"t":-1,"i":6}}', '{"$timestamp":{}}',
  '{"$regex":"a","$options":"xi"}', '{"$regex":"a"}', '{"$regex":{"$regularExpression":{"pattern":"a","options":"i"}}}', '{"$regex":5}', '{"$regularExpression":{"pattern":"a","options":"mi"}}', '{"$regularExpression":{"pattern":"a","options":"q"}}', '{"name":{"$regex":"^a","$options":"i"}}',
  '{"$code":"f"}', '{"$code":"f","$scope":{"a":{"$numberLong":"5"}}}', '{"$ref":"c","$id":{"$oid":"65f0a1b2c3d4e5f601234567"}}', '{"$id":5,"$ref":"c","$db":"d","x":1}', '{"$ref":"c","$id":5,"$foo":1}', '{"$ref":"c","$id":5,"$db":7}', '{"$ref":"c"}', '{"$dbPointer":{"$ref":"c","$id":{"$oid":"65f0a1b2c3d4e5f601234567"}}}',
  '{"$numberInt":"5","extra":1}', '{"x":1,"$oid":"65f0a1b2c3d4e5f601234567"}', '{"$set":{"a":{"$numberInt":"1"}}}', '{"$and":[{"$date":{"$numberLong":"7"}}]}', '{"a\\u0000":1}', '{"":1}', '{"__proto__":{"a":1}}', '{"$toString":1}', '{"constructor":1,"$constructor":2}',
];

test('parse and deserialize on a table of texts', () => {
  for (const text of TEXTS) {
    for (const options of OPTIONS) {
      check(lib => lib.EJSON.parse(text, options), `${text} with ${JSON.stringify(options)}`);
      check(lib => lib.EJSON.stringify(lib.EJSON.parse(text, options), options), `${text} with ${JSON.stringify(options)}, and back`);
    }
    check(lib => lib.EJSON.deserialize(JSON.parse(text)), text);
  }
  check(lib => lib.EJSON.parse('{"a":1}', null));
});

test('5,000 random documents', () => {
  const { below, next, pick, bytes } = random(77);
  const hex = n => Buffer.from(bytes(n)).toString('hex');
  // A recipe, so that both libraries build the same document.
  const recipe = depth => pick([
    () => { const n = below(2 ** 32) - 2 ** 31; return () => n; },
    () => { const n = (next() - 0.5) * 10 ** below(30); return () => n; },
    () => { const t = (next() - 0.3) * 1e14; return () => new Date(t); },
    () => { const h = hex(12); return lib => new lib.ObjectId(h); },
    () => { const [l, h, u] = [below(2 ** 32) | 0, below(2 ** 32) | 0, below(2) === 1]; return lib => new lib.Long(l, h, u); },
    () => { const [raw, type] = [bytes(below(20)), pick([0, 2, 5, 128, 255])]; return lib => new lib.Binary(Uint8Array.from(raw), type); },
    () => { const raw = bytes(16); return lib => new lib.Decimal128(Uint8Array.from(raw)); },
    () => { const n = next() * 100; return lib => new lib.Double(n); },
    () => { const n = BigInt.asIntN(64, (BigInt(below(2 ** 32)) << 32n) + BigInt(below(2 ** 32))); return () => n; },
    () => { const [t, i] = [below(2 ** 32), below(2 ** 32)]; return lib => new lib.Timestamp({ t, i }); },
    () => { const parts = Array.from({ length: below(4) }, () => (depth > 0 ? recipe(depth - 1) : () => null)); return lib => parts.map(part => part(lib)); },
    () => { const parts = Array.from({ length: below(4) }, (_, n) => [pick(['a', '$x', 'key ', 'é', '$oid2']) + n, depth > 0 ? recipe(depth - 1) : () => 'leaf']); return lib => Object.fromEntries(parts.map(([key, part]) => [key, part(lib)])); },
  ])();
  for (let i = 0; i < 5000; i++) {
    const make = recipe(3);
    const options = pick(OPTIONS);
    check(lib => lib.EJSON.stringify({ v: make(lib) }, options), `document ${i}`);
    check(lib => lib.EJSON.parse(lib.EJSON.stringify({ v: make(lib) }, options), options), `document ${i}, and back`);
  }
});

test('the object itself', () => {
  assert.deepEqual(Object.keys(EJSON).sort(), Object.keys(bson.EJSON).sort());
  assert.ok(Object.isFrozen(EJSON));
  assert.equal(Object.getPrototypeOf(EJSON), null);
});

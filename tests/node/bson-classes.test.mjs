// Whimbrel's BSON classes against those of the npm package `bson`.
//
// Deviations that are kept on purpose (each has its own test under "deviations"):
//
// | where | npm package | Whimbrel | reason |
// | --- | --- | --- | --- |
// | `long.modulo(0)` | WebAssembly's `RuntimeError: remainder by zero` | `BSONError: division by zero` | the package's own path without WebAssembly; our engine has none |
// | `long.divide(-1)`, `long` up to 2^32 above the minimum | the dividend itself | the quotient | a guard in the package that looks at the high half only |
// | `ObjectId.cacheHexString = true` | text is remembered with its capitals | always lower case | the text is the stored form; nothing to cache |
// | own keys of `ObjectId` | `i0 i1 i2 i3` | `hex` | one text instead of four numbers; tools that go by own keys (lodash) compare and copy it all the same |
// | `shiftLeft(0)` and the like | the same object | an equal object | nobody may tell them apart by anything but identity |
// | private members (`ObjectId.is`, `Long._fromString`, …) | reachable | absent | not part of the package's typings |

import assert from 'node:assert/strict';
import test from 'node:test';
import util from 'node:util';
import * as theirs from 'bson';
import * as ours from '../../crates/whimbrel-script/js/bson/index.js';
import { inspect as ourInspect } from '../../crates/whimbrel-script/js/inspect.js';
import { outcome, random, same } from './compare.mjs';

const check = (call, what) => same(ours, theirs, call, what);
const table = (inputs, call) => {
  for (const input of inputs) check(lib => call(lib, input), `${util.inspect(input)} in ${call}`);
};
// Inputs of every kind, as functions of the library because some of them are its values.
const ODD = [
  undefined, null, true, 0, 1, -1, 1.5, NaN, Infinity, 5n, '', 'x', 'Infinity', {}, [], [1, 2], { id: 5 }, { id: 'x' }, { id: null },
  Symbol.iterator, () => 1, new Date(0), /x/, new Uint8Array(3), new Uint8Array(12), new Uint8Array(16), new ArrayBuffer(16), new Number(7),
  new DataView(new ArrayBuffer(12)), { t: 1 }, { t: 1, i: 2 }, { low: 1, high: 2 }, { toHexString: () => 'ab', id: 'x' },
];

const CLASSES = [
  'ObjectId', 'Long', 'Double', 'Int32', 'Decimal128', 'Binary', 'UUID', 'Timestamp', 'BSONRegExp', 'BSONSymbol', 'Code', 'DBRef', 'MinKey', 'MaxKey',
];
const VALUES = {
  ObjectId: lib => new lib.ObjectId('65f0a1b2c3d4e5f601234567'), Long: lib => new lib.Long(5, 6, true), Double: lib => new lib.Double(1.5),
  Int32: lib => new lib.Int32(5), Decimal128: lib => new lib.Decimal128('1.50'), Binary: lib => new lib.Binary([1, 2, 3], 128),
  UUID: lib => new lib.UUID('aaaaaaaa-aaaa-4aaa-aaaa-aaaaaaaaaaaa'), Timestamp: lib => new lib.Timestamp({ t: 3000000000, i: 7 }),
  BSONRegExp: lib => new lib.BSONRegExp("a'b", 'mi'), BSONSymbol: lib => new lib.BSONSymbol('s'), Code: lib => new lib.Code('function () {\n}', { a: 1 }),
  DBRef: lib => new lib.DBRef('c', new lib.ObjectId('65f0a1b2c3d4e5f601234567'), 'd', { x: 1 }), MinKey: lib => new lib.MinKey(), MaxKey: lib => new lib.MaxKey(),
};

test('members: every public name of the package exists, with the same kind and arity', () => {
  const hidden = new Set([
    'validateHexString', 'getInc', 'is', 'index', 'PROCESS_UNIQUE', 'resetState', 'cacheHexString', 'setFromBytes', 'setFromHex', 'isCached',
    '_fromString', 'BSON_BINARY_SUBTYPE_DEFAULT',
  ]);
  for (const name of [...CLASSES, 'BSONError', 'BSONVersionError', 'BSONRuntimeError', 'BSONOffsetError']) {
    for (const [own, other, where] of [[ours[name], theirs[name], name], [ours[name].prototype, theirs[name].prototype, `${name}#`]]) {
      for (const key of Reflect.ownKeys(other).filter(k => !hidden.has(k) && k !== 'prototype' && k !== 'length')) {
        assert.ok(key in own, `${where}${String(key)} is missing`);
        const find = (object, k) => (object === null ? undefined : Object.getOwnPropertyDescriptor(object, k) ?? find(Object.getPrototypeOf(object), k));
        const [mine, given] = [find(own, key), find(other, key)];
        assert.equal(typeof mine.get, typeof given.get, `${where}${String(key)} getter`);
        assert.equal(typeof mine.set, typeof given.set, `${where}${String(key)} setter`);
        if (!given.get) assert.equal(typeof mine.value, typeof given.value, `${where}${String(key)}`);
      }
    }
  }
});

test('values: type names, version mark, own keys, JSON and printing', () => {
  for (const name of CLASSES) {
    const make = VALUES[name];
    check(lib => make(lib)._bsontype);
    check(lib => make(lib)[Symbol.for('@@mdb.bson.version')]);
    check(lib => make(lib)[Symbol.for('@@mdb.bson.type')]);
    check(lib => JSON.stringify({ v: make(lib) }), name);
    check(lib => make(lib).inspect(), `${name}.inspect()`);
    check(lib => util.inspect(make(lib)), `util.inspect(${name})`);
    check(lib => util.inspect({ a: [make(lib)] }, { colors: true }), `util.inspect(${name}) in colour`);
    assert.equal(ourInspect({ a: make(ours) }), util.inspect({ a: make(theirs) }));
    check(lib => make(lib).toExtendedJSON?.(), `${name}.toExtendedJSON()`);
    for (const options of [{ relaxed: true }, { relaxed: false }, { legacy: true }, { legacy: true, relaxed: true }]) {
      check(lib => make(lib).toExtendedJSON(options), `${name}.toExtendedJSON(${JSON.stringify(options)})`);
    }
    if (name !== 'ObjectId') assert.deepEqual(Object.keys(make(ours)), Object.keys(make(theirs)), name);
    assert.throws(() => ours[name](), TypeError);
    assert.equal(Object.prototype.hasOwnProperty.call(ours[name].prototype, Symbol.for('nodejs.util.inspect.custom')), false);
  }
  check(lib => String(new lib.Double(1.5)) + `${new lib.Int32(4)}` + (new lib.Int32(4) + 1) + new lib.BSONSymbol('s'));
  check(lib => new lib.Code(() => 1).code);
  check(lib => util.inspect([new lib.Code('x'), new lib.Code('a\nb'), new lib.Code('x', {})]));
});

test('errors: names, messages, marks', () => {
  check(lib => new lib.BSONError('m', { cause: 1 }).cause);
  check(lib => new lib.BSONError('m'));
  check(lib => new lib.BSONVersionError());
  check(lib => new lib.BSONRuntimeError('m'));
  check(lib => [new lib.BSONOffsetError('m', 5).message, new lib.BSONOffsetError('m', 5).offset]);
  check(lib => [null, 5, {}, new Error('x'), new lib.BSONVersionError()].map(e => lib.BSONError.isBSONError(e)));
  check(lib => JSON.stringify(new lib.BSONError('m')));
  assert.ok(new ours.BSONVersionError() instanceof ours.BSONError);
});

test('constructors: odd input', () => {
  for (const name of CLASSES.filter(n => !['ObjectId', 'UUID', 'DBRef', 'BSONRegExp', 'Code', 'Binary'].includes(n))) table(ODD, (lib, input) => new lib[name](input));
  table(ODD.filter(x => x != null), (lib, input) => new lib.ObjectId(input));
  table(ODD.filter(x => x != null), (lib, input) => new lib.UUID(input));
  table(['a', 'a.b', 'a.b.c', ''], (lib, input) => new lib.DBRef(input, 1, 'db', undefined));
  table([['a', 'i'], ['a', 'xsmliu'], ['a\0', ''], ['a', '\0'], ['a', 'g'], ['a', undefined], ['', null]], (lib, [p, o]) => new lib.BSONRegExp(p, o));
  table(['x', () => 1, 5], (lib, input) => new lib.Code(input, null));
  table([undefined, null, 'text', [1, 2, 300], new Uint8Array([1, 2]), new ArrayBuffer(3), new Int16Array([258])], (lib, input) => new lib.Binary(input, 5));
  table([undefined, null, 0, 5, 256, 300, -1], (lib, subType) => new lib.Binary([1], subType));
});

test('ObjectId', () => {
  const hexes = ['65f0a1b2c3d4e5f601234567', '65F0A1B2C3D4E5F601234567', 'ffffffffffffffffffffffff', '0'.repeat(24), 'g'.repeat(24), '65f0', '65f0a1b2c3d4e5f60123456', ' '.repeat(24), 'é'.repeat(24)];
  table(hexes, (lib, hex) => new lib.ObjectId(hex));
  table(hexes, (lib, hex) => lib.ObjectId.createFromHexString(hex));
  table([...hexes, ...ODD], (lib, x) => lib.ObjectId.isValid(x));
  table([undefined, null, 5, 'x', 'ZfChssPU5fYBI0Vn', 'ZfChss-U5_YBI0Vn', '!'.repeat(16)], (lib, x) => lib.ObjectId.createFromBase64(x));
  table([undefined, null, 5], (lib, x) => lib.ObjectId.createFromHexString(x));
  table([0, 1, 1.5, -1, 1700000000, 2 ** 32, 2 ** 32 + 5, NaN, '7', 300.7], (lib, time) => lib.ObjectId.createFromTime(time));
  const id = lib => VALUES.ObjectId(lib);
  check(lib => [id(lib).toString(), id(lib).toString('hex'), id(lib).toString('base64'), id(lib).toJSON(), `${id(lib)}`, id(lib).id, id(lib).getTimestamp()]);
  table([null, undefined, '65F0A1B2C3D4E5F601234567', '65f0', 5, {}, { toHexString: () => '65F0A1B2C3D4E5F601234567' }, { toHexString: () => 5 }], (lib, x) => id(lib).equals(x));
  check(lib => [id(lib).equals(id(lib)), id(lib).equals(new lib.ObjectId())]);
  check(lib => { const x = id(lib); x.id = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]); return [x, x.id, x.getTimestamp()]; });
  check(lib => { const x = id(lib); x.id = new Uint8Array(4); return x; });
  check(lib => new lib.ObjectId(new Uint8Array(20).map((_, i) => i), 5));
  check(lib => new lib.ObjectId({ id: new Uint8Array(12).fill(7) }));
  check(lib => new lib.ObjectId(new lib.ObjectId('65f0a1b2c3d4e5f601234567')));
  // An id of the other library is accepted by either.
  assert.equal(new ours.ObjectId(VALUES.ObjectId(theirs)).toHexString(), '65f0a1b2c3d4e5f601234567');
  assert.equal(new theirs.ObjectId(VALUES.ObjectId(ours)).toHexString(), '65f0a1b2c3d4e5f601234567');
  assert.ok(VALUES.ObjectId(ours).equals(VALUES.ObjectId(theirs)) && VALUES.ObjectId(theirs).equals(VALUES.ObjectId(ours)));

  const made = Array.from({ length: 1000 }, () => new ours.ObjectId());
  assert.equal(new Set(made.map(String)).size, 1000);
  assert.equal(new Set(made.map(x => x.toString().slice(8, 18))).size, 1);
  assert.ok(Math.abs(made[0].getTimestamp() - Date.now()) < 2000);
  assert.equal((parseInt(made[0].toString().slice(18), 16) + 1) % 2 ** 24, parseInt(made[1].toString().slice(18), 16));
  assert.match(Buffer.from(ours.ObjectId.generate(0x01020304)).toString('hex'), /^01020304/);
  globalThis.__whimbrel_random = n => new Uint8Array(n).fill(0xab);
  try {
    assert.equal(new ours.UUID().toString(), 'abababab-abab-4bab-abab-abababababab');
  } finally {
    delete globalThis.__whimbrel_random;
  }
});

const LONG_UNARY = [
  'not', 'negate', 'neg', 'isZero', 'eqz', 'isNegative', 'isPositive', 'isEven', 'isOdd', 'getHighBits', 'getHighBitsUnsigned', 'getLowBits', 'getLowBitsUnsigned',
  'getNumBitsAbs', 'toInt', 'toNumber', 'toBigInt', 'toBytes', 'toBytesLE', 'toBytesBE', 'toSigned', 'toUnsigned', 'toString', 'inspect', 'toExtendedJSON',
];
const LONG_BINARY = [
  'add', 'sub', 'subtract', 'mul', 'multiply', 'div', 'divide', 'mod', 'rem', 'modulo', 'and', 'or', 'xor', 'eq', 'equals', 'ne', 'neq', 'notEquals', 'lt', 'lte', 'le',
  'lessThan', 'lessThanOrEqual', 'gt', 'gte', 'ge', 'greaterThan', 'greaterThanOrEqual', 'comp', 'compare',
];
const LONG_SHIFT = ['shiftLeft', 'shl', 'shiftRight', 'shr', 'shiftRightUnsigned', 'shr_u', 'shru'];
const EDGES = [[0, 0], [1, 0], [-1, -1], [-1, 0x7fffffff], [0, -0x80000000], [1, -0x80000000], [0, 1], [-1, 0], [0x80000000 | 0, 0], [10, 0], [-10, -1], [7, -1]];

function compareLongs([aLow, aHigh, aUnsigned], [bLow, bHigh, bUnsigned]) {
  const pair = lib => [new lib.Long(aLow, aHigh, aUnsigned), new lib.Long(bLow, bHigh, bUnsigned)];
  const what = `${pair(theirs)[0].inspect()} and ${pair(theirs)[1].inspect()}`;
  for (const name of LONG_BINARY) {
    if (['mod', 'rem', 'modulo'].includes(name) && bLow === 0 && bHigh === 0) continue;
    if (['div', 'divide'].includes(name) && !aUnsigned && aHigh === -0x80000000 && aLow !== 0 && bLow === -1 && bHigh === -1) continue;
    check(lib => { const [a, b] = pair(lib); return a[name](b); }, `${name} of ${what}`);
  }
}

test('Long: arithmetic on edges and on 2,000 random pairs', () => {
  const edges = EDGES.flatMap(([low, high]) => [[low, high, false], [low, high, true]]);
  for (const a of edges) {
    for (const name of LONG_UNARY) check(lib => new lib.Long(...a)[name](), `${name} of ${a}`);
    for (const radix of [2, 3, 10, 16, 36, 0, 1, 37]) check(lib => new lib.Long(...a).toString(radix), `toString(${radix}) of ${a}`);
    for (const name of LONG_SHIFT) for (const n of [0, 1, 31, 32, 33, 63, 64, 65, -1, undefined]) check(lib => new lib.Long(...a)[name](n), `${name}(${n}) of ${a}`);
    for (const b of edges) compareLongs(a, b);
  }
  const { below, pick } = random(20240607);
  const word = () => pick([() => below(2 ** 32) | 0, () => below(1000), () => -below(1000), () => 0, () => -1])();
  for (let i = 0; i < 2000; i++) {
    const [a, b] = [[word(), word(), below(2) === 1], [word(), word(), below(2) === 1]];
    compareLongs(a, b);
    for (const name of LONG_UNARY) check(lib => new lib.Long(...a)[name](), `${name} of ${a}`);
    for (const name of LONG_SHIFT) { const n = below(80) - 8; check(lib => new lib.Long(...a)[name](n), `${name}(${n}) of ${a}`); }
    const radix = 2 + below(35);
    check(lib => new lib.Long(...a).toString(radix));
    check(lib => lib.Long.fromString(new theirs.Long(...a).toString(radix), a[2], radix));
  }
});

test('Long: making one', () => {
  for (const name of ['ZERO', 'ONE', 'NEG_ONE', 'UZERO', 'UONE', 'MAX_VALUE', 'MIN_VALUE', 'MAX_UNSIGNED_VALUE', 'TWO_PWR_24']) check(lib => lib.Long[name], name);
  const numbers = [0, -0, 1, -1, 1.5, -1.5, 255, 256, -128, -129, 2 ** 31, 2 ** 32, -(2 ** 32), 2 ** 53, -(2 ** 53), 2 ** 63, -(2 ** 63), 2 ** 64, 1e300, -1e300, NaN, Infinity, -Infinity, '5', null, undefined, true];
  for (const unsigned of [undefined, false, true]) {
    table(numbers, (lib, n) => lib.Long.fromNumber(n, unsigned));
    table(numbers, (lib, n) => lib.Long.fromInt(n, unsigned));
    table(numbers, (lib, n) => new lib.Long(n, unsigned));
    table([0n, 1n, -1n, 2n ** 63n, -(2n ** 63n), 2n ** 64n - 1n, 2n ** 70n + 5n, -(2n ** 70n)], (lib, n) => [lib.Long.fromBigInt(n, unsigned), new lib.Long(n, unsigned)]);
    const texts = ['0', '-0', '+5', '5', '-5', '', '-', '--5', '5-', '00012', '-0012', 'abc', '12abc', '12345678abc', '9223372036854775807', '9223372036854775808', '-9223372036854775808', '18446744073709551615', '99999999999999999999', ' 5', '5 ', '5.5', '1e5', 'NaN', 'Infinity', '-Infinity', '+Infinity', '0x10', 'ff', 'FF', 'zz'];
    table(texts, (lib, t) => lib.Long.fromString(t, unsigned));
    table(texts, (lib, t) => lib.Long.fromStringStrict(t, unsigned));
    table(texts, (lib, t) => new lib.Long(t, unsigned));
    for (const radix of [0, 1, 2, 16, 24, 35, 36, 37]) {
      table(texts, (lib, t) => lib.Long.fromString(t, unsigned, radix));
      table(texts, (lib, t) => lib.Long.fromString(t, radix));
      table(texts, (lib, t) => lib.Long.fromStringStrict(t, unsigned, radix));
    }
    for (const le of [undefined, true, false]) check(lib => lib.Long.fromBytes([1, 2, 3, 4, 5, 6, 7, 255], unsigned, le));
    table([5, '7', { low: 1, high: 2 }, { low: 1, high: -2, unsigned: true }, 5n, {}], (lib, v) => lib.Long.fromValue(v, unsigned));
    check(lib => lib.Long.fromBits(-1, 5, unsigned));
  }
  table([...ODD, { __isLong__: true }, { __isLong__: 1 }], (lib, v) => lib.Long.isLong(v));
  check(lib => [new lib.Long(5).add('7'), new lib.Long(5).add(7), new lib.Long(5).mul(-3), new lib.Long(5).eq('5'), new lib.Long(5).add(new lib.Timestamp({ t: 1, i: 1 }))]);
  for (const n of [-129, -128, 127, 128, 255, 256]) check(lib => [lib.Long.fromInt(n) === lib.Long.fromInt(n), lib.Long.fromInt(n, true) === lib.Long.fromInt(n, true)], `fromInt(${n}) is shared`);
  for (const options of [undefined, { relaxed: false }, { useBigInt64: true }, { useBigInt64: true, relaxed: false }]) {
    table(['5', '-5', '+5', '05', '0', '-0', '+0', '', 'x', '9223372036854775808', '123456789012345678901'], (lib, t) => lib.Long.fromExtendedJSON({ $numberLong: t }, options));
  }
});

test('Timestamp', () => {
  table([{ t: -1, i: 1 }, { t: 1, i: -1 }, { t: '1', i: 1 }, { t: 1, i: '1' }, { t: 2 ** 32, i: 1 }, { t: 1, i: 2 ** 32 }, { t: NaN, i: 0 }, { t: 2 ** 32 - 1, i: 2 ** 32 - 1 }, { t: 1.5, i: 2.5 }, 5n, -5n, 2n ** 64n], (lib, v) => new lib.Timestamp(v));
  check(lib => new lib.Timestamp({ t: new lib.Int32(5), i: new lib.Int32(-6) }));
  check(lib => new lib.Timestamp(new lib.Long(-1, 5)));
  check(lib => [lib.Timestamp.fromInt(5), lib.Timestamp.fromNumber(2 ** 40), lib.Timestamp.fromBits(5, 6), lib.Timestamp.fromString('99', 16), lib.Timestamp.MAX_VALUE]);
  check(lib => [VALUES.Timestamp(lib).t, VALUES.Timestamp(lib).i, VALUES.Timestamp(lib).toString(), VALUES.Timestamp(lib).compare(new lib.Timestamp({ t: 5, i: 5 })), VALUES.Timestamp(lib).getHighBits(), VALUES.Timestamp(lib).toBigInt()]);
  check(lib => VALUES.Timestamp(lib) instanceof lib.Long);
});

test('Double and Int32: text', () => {
  const texts = ['0', '-0', '+5', '5', '5.0', '5.5', '-5', '00012', '1e5', '1E+5', 'NaN', 'Infinity', '-Infinity', '+Infinity', '', ' 5', '5 ', '0x10', '0b1', '1,5', 'x', '1e400', '-1e400', '2147483647', '2147483648', '-2147483648', '-2147483649', '9007199254740993', '.5', '5.', '-', '+', '--5', '+-5', '1_0'];
  table(texts, (lib, t) => lib.Double.fromString(t));
  table(texts, (lib, t) => lib.Int32.fromString(t));
  table([...texts, 2 ** 31, -(2 ** 31) - 1, 1.9, -1.9, null, true], (lib, v) => new lib.Int32(v));
  table([0, -0, 1, 1.5, 1e21, 1e-7, NaN, Infinity, -Infinity, 123456789012], (lib, v) => [new lib.Double(v).toString(), new lib.Double(v).toString(16), new lib.Double(v).toExtendedJSON(), new lib.Double(v).toExtendedJSON({ relaxed: true }), new lib.Double(v).valueOf()]);
});

test('Decimal128: text on a table of edges', () => {
  const texts = [
    '0', '-0', '+0', '1', '-1', '+1', '1.0', '0.1', '.1', '1.', '.', '', ' ', '-', '+', '1e', 'e1', '1e5', '1E+5', '1E-5', '1+5', '+-5', '--1', '1..2', '1.2.3', 'abc', '1a', '0x10', '1 ', ' 1',
    'NaN', '-NaN', '+nan', 'nan', 'Infinity', '-Infinity', '+Infinity', 'inf', '-INF', 'iNfInItY', 'Infinit', 'N', 'I', '.e5', 'e', '1e+', '1e-', '0e5', '0E+7000', '0E-7000', '-0E+7000', '0.00', '000', '00.100', '0000000000000000000000000000000000001',
    '1E6111', '1E6112', '1E6144', '1E6145', '9.999999999999999999999999999999999E6144', '1E-6176', '1E-6177', '10E-6177', '1E-6143', '100E-6178', '100.E-6177', '12E-6177', '6E-6177', '1E-7000', '1e99999999999', '1e-99999999999', `1e${'9'.repeat(400)}`, `1e-${'9'.repeat(400)}`,
    '1234567890123456789012345678901234', '12345678901234567890123456789012345', '12345678901234567890123456789012340', '123456789012345678901234567890123400000', '1234567890123456789012345678901234.5', '1234567890123456789012345678901234.0', '1234567890123456789012345678901234000.0',
    '9999999999999999999999999999999999', '99999999999999999999999999999999999', '99999999999999999999999999999999995', '9999999999999999999999999999999999.5', '99999999999999999999999999999999990', '0.99999999999999999999999999999999999', '-99999999999999999999999999999999999E6111', '9999999999999999999999999999999999E6111',
    '37.499999999999999196428571428571375', '0.0000000000000000000000000000000000000000012345678901234567890123456789012345', '01234567890123456789012345678901234', '012345678901234567890123456789012345', '000001234567890123456789012345678901234999', '1'.repeat(100), `1${'0'.repeat(100)}`, `1${'0'.repeat(40)}.0`, `0.${'0'.repeat(100)}1`, '1'.repeat(7000), '1'.repeat(6999), `1${'0'.repeat(6000)}`,
    '12345678901234567890123456789012345.5', '2.5E-6176', '25E-6177', '15E-6177', '35.5E-6178', '٣',
  ];
  table(texts, (lib, t) => lib.Decimal128.fromString(t));
  table(texts, (lib, t) => lib.Decimal128.fromStringWithRounding(t));
  table(texts, (lib, t) => new lib.Decimal128(t).toString());
  check(lib => new lib.Decimal128(new Uint8Array(15)));
  check(lib => new lib.Decimal128('NaN').bytes.length);
});

test('Decimal128: 20,000 random texts and bit patterns', () => {
  const { below, bytes, pick } = random(128);
  const digits = n => Array.from({ length: n }, () => pick(['0', '0', '1', '5', '9', String(below(10))])).join('');
  for (let i = 0; i < 10000; i++) {
    const whole = digits(below(pick([3, 20, 40, 60])));
    const fraction = below(2) ? `.${digits(below(pick([3, 20, 40])))}` : '';
    const exponent = below(2) ? `${pick(['e', 'E'])}${pick(['', '+', '-'])}${pick([below(40), 6100 + below(120), below(7000)])}` : '';
    const text = pick(['', '-', '+']) + whole + fraction + exponent;
    check(lib => lib.Decimal128.fromString(text), `fromString(${text})`);
    check(lib => lib.Decimal128.fromStringWithRounding(text), `fromStringWithRounding(${text})`);
    const made = outcome(() => ours.Decimal128.fromString(text).toString());
    if (made.value !== undefined && made.value !== 'NaN') {
      assert.equal(ours.Decimal128.fromString(made.value).toString(), made.value, `round trip of ${text}`);
    }
  }
  for (let i = 0; i < 10000; i++) {
    const raw = bytes(16);
    // Half of them near exponent zero, where the plain notation is.
    if (i % 2) raw[15] = (raw[15] & 0x80) | 0x30, raw[14] = 0x40 - below(80);
    if (i % 3 === 0) raw.fill(0, below(14), 14);
    check(lib => new lib.Decimal128(Uint8Array.from(raw)).toString(), Buffer.from(raw).toString('hex'));
  }
});

test('Binary', () => {
  for (const key of Object.keys(theirs.Binary).filter(k => k !== 'BSON_BINARY_SUBTYPE_DEFAULT')) check(lib => lib.Binary[key], key);
  const bin = lib => new lib.Binary(Uint8Array.from([104, 195, 164, 255, 33]), 128);
  check(lib => [undefined, 'hex', 'base64', 'utf8', 'utf-8', 'latin1'].map(e => bin(lib).toString(e)));
  check(lib => [bin(lib).value(), bin(lib).length(), bin(lib).toJSON(), bin(lib).read(1, 2), bin(lib).read(1, 0), bin(lib).read(3, 100), bin(lib).read(0)]);
  table([1, 255, 256, -1, 'a', 'ab', '', 'é', 'Ā', [5], [5, 6], new Uint8Array([9]), 1.5, NaN, null, undefined], (lib, v) => { const b = new lib.Binary(); b.put(v); return b; });
  check(lib => { const b = new lib.Binary([1]); b.put(2); b.put(3); return b; });
  table([[[1, 2], 0], [Uint8Array.from([1, 2]), 0], [Uint8Array.from([1, 2]), undefined], [Uint8Array.from([1, 2]), 4], ['ab', 0], [new Uint8Array(400), 1], [Uint8Array.from([7]), 1]], (lib, [bytes, at]) => { const b = new lib.Binary([1, 2, 3]); b.write(bytes, at); return b; });
  check(lib => { const b = new lib.Binary(); b.write(Uint8Array.from([1, 2, 3])); return [b.value(), b.toJSON(), b.toExtendedJSON(), b.length(), b.toString('hex')]; });
  table(['', 'YQ==', 'YQ', 'Y', 'YW I=', 'YQ==YQ==', '-_-_', '+/+/', '!!!', 'YWJj=ZGVm', 'é'], (lib, t) => lib.Binary.createFromBase64(t, 5));
  table(['', '0a', '0A', 'abc', 'zz', '0azz0b', '0a 0b', 'é0'], (lib, t) => lib.Binary.createFromHexString(t));
  check(lib => new lib.Binary(new Uint8Array(16), 4).toUUID());
  check(lib => bin(lib).toUUID());
  const { below, bytes } = random(5);
  for (let i = 0; i < 500; i++) {
    const raw = bytes(below(40));
    check(lib => { const b = new lib.Binary(Uint8Array.from(raw)); return [b.toString(), b.toString('base64'), b.toString('hex'), lib.Binary.createFromBase64(b.toString('base64'))]; });
  }
  // Malformed UTF-8 of every shape: three bytes from the interesting values.
  const leads = [0x00, 0x41, 0x7f, 0x80, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff, 0x9f, 0xa0, 0x8f, 0x90, 0xbb];
  for (const a of leads) for (const b of leads) for (const c of leads) check(lib => new lib.Binary([a, b, c, 0x80, 0x21]).toString());
  assert.equal(new ours.Binary(new Uint8Array(Buffer.from('𝄞ß€\ufeffx'))).toString(), '𝄞ß€\ufeffx');
  assert.ok(Buffer.isBuffer(new ours.Binary(new Uint8Array(2)).buffer), 'a Buffer where the program has Buffer');
});

test('Binary: vectors', () => {
  check(lib => [lib.Binary.fromInt8Array(Int8Array.from([1, -2])), lib.Binary.fromFloat32Array(Float32Array.from([1.5, -2])), lib.Binary.fromPackedBits(Uint8Array.from([0xf0]), 3), lib.Binary.fromBits([1, 0, 1]), lib.Binary.fromBits([])]);
  check(lib => [lib.Binary.fromInt8Array(Int8Array.from([1, -2])).toInt8Array(), lib.Binary.fromFloat32Array(Float32Array.from([1.5])).toFloat32Array(), lib.Binary.fromBits([1, 0, 1]).toBits(), lib.Binary.fromBits([1, 0, 1]).toPackedBits()]);
  table([[], [3, 0], [3, 1], [0x27, 0, 1], [0x27, 1], [0x10, 1], [0x10, 8, 1], [0x10, 2, 0xff], [99, 7]], (lib, raw) => {
    const vector = new lib.Binary(raw, 9);
    return ['toInt8Array', 'toFloat32Array', 'toPackedBits', 'toBits', 'toExtendedJSON'].map(name => outcome(() => vector[name]()));
  });
  check(lib => lib.Binary.fromBits([2]));
  check(lib => lib.Binary.fromPackedBits(new Uint8Array(0), 3));
  check(lib => new lib.Binary([3, 0]).toInt8Array());
});

test('UUID', () => {
  const texts = ['aaaaaaaa-aaaa-4aaa-aaaa-aaaaaaaaaaaa', 'AAAAAAAA-AAAA-4AAA-AAAA-AAAAAAAAAAAA', 'a'.repeat(32), 'a'.repeat(31), 'aaaaaaaaaaaa-4aaa-aaaa-aaaaaaaaaaaa', '', 'x', 'g'.repeat(32)];
  table(texts, (lib, t) => new lib.UUID(t));
  table(texts, (lib, t) => lib.UUID.createFromHexString(t));
  table([...texts, ...ODD], (lib, v) => lib.UUID.isValid(v));
  table([...texts, ...ODD], (lib, v) => VALUES.UUID(lib).equals(v));
  check(lib => [lib.UUID.isValid(new lib.UUID()), lib.UUID.isValid(new lib.Binary(new Uint8Array(16), 4)), lib.UUID.isValid(new lib.Binary(new Uint8Array(16), 3))]);
  check(lib => [undefined, 'hex', 'base64'].map(e => VALUES.UUID(lib).toString(e)));
  check(lib => [VALUES.UUID(lib).toHexString(), VALUES.UUID(lib).toHexString(false), VALUES.UUID(lib).toBinary(), VALUES.UUID(lib).id, VALUES.UUID(lib).equals(VALUES.UUID(lib)), new lib.UUID(VALUES.UUID(lib))]);
  check(lib => lib.UUID.createFromBase64('qqqqqqqqSqqqqqqqqqqqqg=='));
  check(lib => lib.UUID.createFromBase64('qg=='));
  assert.match(new ours.UUID().toString(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.notEqual(new ours.UUID().toString(), new ours.UUID().toString());
});

test('DBRef, Code, BSONSymbol, BSONRegExp', () => {
  check(lib => { const r = new lib.DBRef('a', 1); r.namespace = 'b'; return [r, r.namespace, r.toJSON()]; });
  check(lib => [new lib.DBRef('a', 1, 'd').inspect(), new lib.DBRef('a', 1, '', { x: 1 }).inspect(), util.inspect(new lib.DBRef('db.c', 1, 'd'))]);
  check(lib => [new lib.Code('x').toJSON(), new lib.Code('x', { a: 1 }).toJSON(), new lib.Code('x', {}).toExtendedJSON()]);
  check(lib => [undefined, '', 'mxi'].map(o => lib.BSONRegExp.parseOptions(o)));
  check(lib => new lib.Code('x', { m: new Map([['a', 5n]]) }).inspect());
});

test('the Rust side: what it calls and reads', () => {
  const big = new ours.Long(-1, 0x7fffffff, false);
  assert.deepEqual([big.low, big.high, big.unsigned], [-1, 0x7fffffff, false]);
  assert.ok(new ours.Decimal128(new Uint8Array(16)).bytes instanceof Uint8Array);
  const uuid = new ours.UUID(new Uint8Array(16));
  assert.deepEqual([uuid._bsontype, uuid.sub_type, uuid.position, uuid.buffer.length], ['Binary', 4, 16, 16]);
  const code = new ours.Code('x', null);
  assert.deepEqual([code.code, code.scope], ['x', null]);
  const stamp = new ours.Timestamp({ t: 2 ** 32 - 1, i: 2 ** 31 });
  assert.deepEqual([stamp.low, stamp.high], [-(2 ** 31), -1]);
});

test('serialising: the package writes our values as it writes its own', () => {
  for (const name of CLASSES) {
    const [mine, given] = [ours, theirs].map(lib => Buffer.from(theirs.serialize({ v: VALUES[name](lib) })).toString('hex'));
    assert.equal(mine, given, name);
  }
});

test('deviations', () => {
  assert.throws(() => new ours.Long(5).modulo(0), { name: 'BSONError', message: 'division by zero' });
  assert.throws(() => new theirs.Long(5).modulo(0), { name: 'RuntimeError' });
  const low = lib => new lib.Long(1, -0x80000000).divide(-1).toString();
  assert.equal(low(ours), '9223372036854775807');
  assert.equal(low(theirs), '-9223372036854775807');
  assert.deepEqual(Object.keys(new ours.ObjectId()), ['hex']);
  assert.ok(new ours.Long(5).shiftLeft(0).equals(5));
  try {
    ours.ObjectId.cacheHexString = theirs.ObjectId.cacheHexString = true;
    assert.equal(new theirs.ObjectId('A'.repeat(24)).toHexString(), 'A'.repeat(24));
    assert.equal(new ours.ObjectId('A'.repeat(24)).toHexString(), 'a'.repeat(24));
  } finally {
    ours.ObjectId.cacheHexString = theirs.ObjectId.cacheHexString = undefined;
  }
});

// Whimbrel's `inspect` and `format` against `util.inspect` and `util.format` of the Node.js that runs this.
//
// Deviations that are kept on purpose (tested under "deviations"):
//
// | where | Node.js | Whimbrel | reason |
// | --- | --- | --- | --- |
// | Promise | state and value | `Promise { }` | the language cannot ask a promise for its state |
// | Proxy | the target, without calling traps | what the traps answer | the language cannot see that it is one |
// | iterators, generators, external objects | `[Map Iterator] { 'a' }` | `Object [Map Iterator] {}` | looking would use the iterator up |
// | `showHidden`: typed arrays, weak collections, accessors of user classes | listed | not listed | debugging aid, engine-specific |
// | `colors`, `numericSeparator`, `getters`, `compact: true` | honoured | ignored | console output of a migration uses none of them |
// | a stack without heading (QuickJS keeps frames only) | printed as it is | heading put in front | same text on both engines |

import assert from 'node:assert/strict';
import test from 'node:test';
import util from 'node:util';
import { format, inspect } from '../../crates/whimbrel-script/js/inspect.js';
import { random } from './compare.mjs';

const OPTIONS = [
  undefined, {}, { depth: 0 }, { depth: 1 }, { depth: null }, { depth: Infinity }, { depth: 5, breakLength: 120 }, { breakLength: 40 }, { breakLength: Infinity },
  { compact: false }, { compact: 1 }, { compact: 5 }, { maxArrayLength: 3 }, { maxArrayLength: 0 }, { maxArrayLength: null }, { maxStringLength: 5 }, { sorted: true }, { customInspect: false },
];

function same(value, options, what) {
  assert.equal(inspect(value, options), util.inspect(value, options), `${what} with ${JSON.stringify(options)}`);
}

function everyWay(values, options = OPTIONS) {
  values.forEach((value, index) => {
    for (const option of options) {
      same(value, option, `value ${index}`);
      same({ inside: [value] }, option, `value ${index}, nested`);
    }
  });
}

class Point { constructor() { this.x = 1; } get y() { return 2; } }
class Registry extends Map {}
class Tagged { get [Symbol.toStringTag]() { return 'Label'; } }

test('primitives and strings', () => {
  everyWay([
    1, -0, 0, 1.5, NaN, Infinity, -Infinity, 1n, -5n, true, null, undefined, Symbol('s'), Symbol(), '', 'a', "it's", 'say "hi"', 'both \' and "', 'all \' " `', '${x} \' "', 'a\nb\t\r\b\f\v\\',
    '\0\x1b\x7f\x9f\xa0', '\ud800', 'x\udc00y', '𝄞', '日本語', 'x'.repeat(200), 'line of text\n'.repeat(10), 'short\nlines\n', `${'a'.repeat(30)}\n${'b'.repeat(60)}`,
  ]);
  assert.equal(inspect('a'.repeat(10001)), util.inspect('a'.repeat(10001)));
});

test('objects, keys, prototypes', () => {
  everyWay([
    {}, { a: 1, b: 'x', c: [1, 2, 3] }, { a: { b: { c: { d: 1 } } } }, { a: { b: { c: {} } } }, { 'a-b': 1, $id: 2, 1: 3, [Symbol('k')]: 4, '': 5, ' ': 6, "it's": 7, é: 8, _x: 9 }, { a: undefined, b: null },
    Object.create(null), Object.assign(Object.create(null), { a: 1, 'b-c': { d: 2 } }), Object.create({}), Object.create(Object.create(null)), Object.create(Point.prototype), new Point(), [new Point(), new Point()], { __proto__: { x: 1 }, y: 2 },
    new Tagged(), { [Symbol.toStringTag]: 'Own', a: 1 }, new (class extends Point {})(), new (class Sub extends Point {})(), Object.defineProperty({}, 'hidden', { value: 1 }), Object.defineProperty({ a: 1 }, '__proto__', { value: 5, enumerable: true }),
    { get a() { return 1; }, set a(v) {}, get b() { return 1; }, set c(v) {} }, { a: 'x'.repeat(60), b: 'y'.repeat(20) }, { a: 'x'.repeat(50), b: 1 }, Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`key${i}`, i])),
    (function () { return arguments; })(1, 2), (function () { return arguments; })(), Math, JSON, Point.prototype, globalThis.Reflect,
  ]);
});

test('arrays: holes, extra keys, columns, limits', () => {
  const range = (n, make) => Array.from({ length: n }, (_, i) => make(i));
  everyWay([
    [], [1, 2], [[[[]]]], [[[[1]]]], [1, , 3], [, , ,], [, 'a', , ], new Array(200), Object.assign([1, 2], { extra: 1, [Symbol('s')]: 2 }), Object.assign([], { '-1': 0, 4294967295: 1 }), [undefined, null], new (class List extends Array {})(3),
    range(6, i => i), range(7, i => i), range(26, i => i), range(100, i => i), range(101, i => i * 1000), range(120, i => i), range(30, i => `item${i}`), range(26, i => 'x'.repeat(i)), range(300, i => `s${i}`), range(12, i => ({ a: i })), range(8, i => [i, i + 1]),
    [1.5, 22, 333, 4444, 5, 6, 7], ['a', 'bb', 3, 4, 5, 6, 7, 8], [-1, -2, 3, 4, 5, 6, 7n], [true, false, true, false, true, false, true], ['日本', '語', 'a', 'b', 'c', 'd', 'e', 'f'], ['é', 'e\u0301', 'a', 'b', 'c', 'd', 'e'], range(20, i => null),
    new Uint8Array(3), new Uint8Array(0), new Float64Array([1.5, -0, 3]), new BigInt64Array(2), new Uint8Array(200), Object.assign(new Uint8Array(2), { x: 1 }), new (class Bytes extends Uint8Array {})(2),
  ]);
});

test('built-in classes', () => {
  everyWay([
    new Map(), new Set(), new Map([['a', 1], [{ b: 1 }, new Map()]]), new Set([1, 'a', { x: 1 }]), new Registry([[1, 2]]), new Registry(), Object.assign(new Set([1]), { x: 1 }), new Map([['k', { a: { b: { c: 1 } } }]]), new Set(Array.from({ length: 120 }, (_, i) => i)), new Map(Array.from({ length: 120 }, (_, i) => [i, i])),
    new Date(0), new Date(NaN), Object.assign(new Date(0), { a: 1 }), new (class When extends Date {})(0), /a\/b/gi, Object.assign(/x/, { a: 1 }), new (class Re extends RegExp {})('x'), new ArrayBuffer(4), new ArrayBuffer(200), new ArrayBuffer(0), new DataView(new ArrayBuffer(2)), new WeakMap(), new WeakSet(),
    new Number(3), new Number(-0), new String('abc'), new Boolean(false), Object(Symbol('q')), Object(5n), Object.assign(new String('abc'), { z: 1 }), new (class Num extends Number {})(4), Object.create(Map.prototype), Object.create(Date.prototype), Object.create(RegExp.prototype),
  ]);
});

test('functions and classes', () => {
  everyWay([
    function named() {}, function () {}, () => 1, async () => 1, function* gen() {}, async function* agen() {}, { method() {}, async am() {} }.method, Math.max, Object.assign(function withProps() {}, { a: 1 }), Object.setPrototypeOf(function bare() {}, null),
    Point, class {}, class Empty extends Point {}, class Static { static z = 1; }, class extends null {}, Object, Map, { f() {}, g: () => {}, h: class A {}, i: class extends Point {} },
  ]);
});

test('errors', () => {
  class CustomError extends Error {}
  class Plain extends Error {}
  class Named extends Error { constructor(message) { super(message); this.name = 'NamedByHand'; } }
  class Getter extends Error { get name() { return 'GetterError'; } }
  const without = (error, stack) => Object.assign(error, { stack });
  const circular = new Error('loop');
  circular.self = circular;
  everyWay([
    new Error('boom'), new Error(''), new TypeError('t'), Object.assign(new Error('duplicate'), { code: 11000, keyPattern: { a: 1 }, name: 'MongoServerError' }), new CustomError('c'), new Plain('p'), new Named('n'), new Getter('g'), Object.assign(new CustomError('z'), { a: { b: 1 } }),
    new TypeError('t', { cause: new Error('inner') }), new Error('t', { cause: 'text' }), new Error('t', { cause: { code: 5 } }), new AggregateError([new Error('a'), 5], 'agg'), without(new Error('none'), undefined), without(new Error('short'), 'Error: short'), without(new Error('odd'), 'something else'), without(new Error('odd'), 5),
    Object.assign(new Error('m'), { message: 'changed' }), Object.assign(new Error('m'), { name: 'Renamed' }), Object.assign(new Error('m'), { name: null }), Object.assign(new Error('m'), { name: 5 }), Object.setPrototypeOf(new Error('bare'), null), circular, new Error('two\nlines'), Object.create(Error.prototype),
  ]);
  everyWay([new Error('boom'), new TypeError('t', { cause: new Error('inner') })], [{ showHidden: true }]);
  // Frames shared with the cause: none, few, many; at the end, in the middle.
  const frames = names => [...names].map(name => `\n    at ${name} (file.js:1:1)`).join('');
  const chained = (outer, inner) => without(new Error('outer', { cause: without(new Error('inner'), `Error: inner${frames(inner)}`) }), `Error: outer${frames(outer)}`);
  everyWay(['', 'z', 'yz', 'xyz', 'wxyz', 'vwxyz', 'uvwxyz', 'wxyzab', 'wxybz'].flatMap(tail => [chained(`ab${tail}`, `c${tail}`), chained(`ab${tail}`, `wxyz${tail}`)]));
});

test('circles', () => {
  const one = { name: 'x', list: [] };
  one.self = one;
  one.list.push(one, { one });
  const map = new Map();
  map.set('me', map);
  const a = { b: {} };
  a.b.a = a;
  a.b.b = a.b;
  const fn = () => {};
  fn.fn = fn;
  everyWay([one, map, a, [a, a.b], fn]);
});

test('custom inspection', () => {
  const custom = util.inspect.custom;
  everyWay([
    { [custom]() { return 'CUSTOM\nline'; } }, { x: { y: { [custom]() { return 'CUSTOM\nline'; } } } }, { x: { [custom]() { return { a: 1, b: [2] }; } } }, { [custom]() { return 5; } }, { [custom]: 5 }, { [custom](depth) { return `depth ${depth}`; } },
    { a: { b: { [custom](depth) { return `depth ${depth}`; } } } }, { [custom]() { return this; }, a: 1 }, { [custom](depth, options, print) { return print({ a: { b: { c: { d: 1 } } } }, options); } }, new (class Shown { [custom]() { return 'shown'; } })(),
  ]);
});

test('old positional arguments', () => {
  const deep = { a: { b: { c: { d: { e: 1 } } } } };
  assert.equal(inspect(deep, false, 0), util.inspect(deep, false, 0));
  assert.equal(inspect(deep, false, null), util.inspect(deep, false, null));
  assert.equal(inspect([1], true), util.inspect([1], true));
  assert.equal(inspect.custom, util.inspect.custom);
});

test('2,000 random nested values', () => {
  const { below, next, pick } = random(1234);
  const word = n => Array.from({ length: below(n) }, () => pick(['a', 'b', 'é', ' ', "'", '-', '\n', '日', 'word', '1'])).join('');
  const make = depth => pick([
    () => below(100000), () => next() * 1000 - 500, () => word(12), () => word(40), () => null, () => undefined, () => below(2) === 1, () => new Date(below(1e9) * 1000), () => BigInt(below(1e9)), () => /x+/g,
    ...(depth > 0 ? [
      () => Array.from({ length: below(30) }, () => make(0)), () => Array.from({ length: below(20) }, () => below(1000)), () => Array.from({ length: below(5) }, () => make(depth - 1)),
      () => Object.fromEntries(Array.from({ length: below(6) }, (_, i) => [word(8) + i, make(depth - 1)])), () => new Map(Array.from({ length: below(4) }, (_, i) => [i, make(depth - 1)])), () => new Set(Array.from({ length: below(9) }, () => make(depth - 1))),
    ] : []),
  ])();
  for (let i = 0; i < 2000; i++) {
    const value = [make(4), make(2)];
    same(value, pick(OPTIONS), `value ${i}`);
    same(value, undefined, `value ${i}`);
  }
});

test('format', () => {
  const circular = {};
  circular.self = circular;
  const { pick, below } = random(9);
  const args = [
    1, -0, 1.5, 5n, '42', '42.9px', '0x10', 'x', '', '%s', null, undefined, true, NaN, Symbol('s'), {}, { a: { b: { c: { d: 1 } } } }, [1, [2, [3]]], circular, () => 1, class A {}, new Point(), new Date(0), new Map([[1, 2]]), new Error('e'), Object.create(null),
    { toString() { return 'own'; } }, new (class Own { toString() { return 'own class'; } })(), new (class OwnError extends Error { toString() { return 'own error'; } })('m'), new (class Sub extends Date {})(0), /x/,
  ];
  const safe = call => { try { return call(); } catch (error) { return `throws ${error.name}`; } };
  for (const letter of 'sdifjcOo%xq') {
    for (const arg of args) {
      if (letter === 'o' && typeof arg === 'object' && arg instanceof Point) continue; // accessors with showHidden
      assert.equal(safe(() => format(`<%${letter}>`, arg)), safe(() => util.format(`<%${letter}>`, arg)), `%${letter} of ${util.inspect(arg)}`);
    }
  }
  for (let i = 0; i < 3000; i++) {
    const text = Array.from({ length: below(6) }, () => pick(['%s', '%d', '%i', '%f', '%j', '%O', '%c', '%%', '%', '%x', 'word', ' ', '\n'])).join('');
    const given = [pick([text, text, pick(args)]), ...Array.from({ length: below(4) }, () => pick(args))];
    assert.equal(safe(() => format(...given)), safe(() => util.format(...given)), util.inspect(given));
  }
  assert.equal(format(), util.format());
});

test('deviations', () => {
  // The test runner may put marks of its own on a promise.
  assert.match(inspect(Promise.resolve(5)), /^Promise \{ \}$|^Promise \{\n  \[Symbol\(async_id/);
  const error = new Error('boom');
  error.stack = '    at up (001_x.js:3:5)\n    at <anonymous>\n';
  assert.equal(inspect(error), 'Error: boom\n    at up (001_x.js:3:5)\n    at <anonymous>');
  error.stack = '';
  assert.equal(inspect(error), '[Error: boom]');
  assert.equal(inspect(new Map([['a', 1]]).keys()), 'Object [Map Iterator] {}');
});

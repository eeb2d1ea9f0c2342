// Whimbrel's `structuredClone` against the one of Node.js.
//
// Deviations that are kept on purpose (tested under "deviations"):
//
// | where | Node.js | Whimbrel | reason |
// | --- | --- | --- | --- |
// | Proxy | refused | copied as what it shows | the language cannot see that it is one |
// | `transfer` | takes array buffers, ports and streams, all emptied | array buffers, emptied if the engine can | there are no ports |
// | host objects (URL, Event, AbortSignal) | `{}` | `{}` with whatever they enumerate | they are ordinary objects here |

import assert from 'node:assert/strict';
import test from 'node:test';
import util from 'node:util';
import { structuredClone as ours } from '../../crates/whimbrel-script/js/node/structured_clone.js';
import { random } from './compare.mjs';

const theirs = globalThis.structuredClone;

function outcome(clone, value, ...rest) {
  try {
    return { value: clone(value, ...rest) };
  } catch (error) {
    return { name: error.name, code: error.code, message: error.message };
  }
}

function same(make, what = make.toString()) {
  const value = make();
  const left = outcome(ours, value);
  const right = outcome(theirs, value);
  assert.deepStrictEqual(left, right, what);
  assert.equal(util.inspect(left, { showHidden: true, depth: 9 }), util.inspect(right, { showHidden: true, depth: 9 }), what);
  return [left.value, value];
}

class Point { #secret = 1; constructor() { this.x = 1; } get y() { return 2; } get secret() { return this.#secret; } }

test('values of every kind', () => {
  const makers = [
    () => 1, () => -0, () => NaN, () => 'x', () => '', () => true, () => null, () => undefined, () => 5n, () => Object(1), () => Object(-0), () => Object('abc'), () => Object(false), () => Object(5n),
    () => new Date(5), () => /a+/gi, () => Object.assign(/a/g, { lastIndex: 3 }), () => ({}), () => [], () => ({ a: 1, b: { c: [1, , 3] } }), () => Object.assign([1, , 3], { k: 1, [Symbol('s')]: 2 }), () => new Array(5),
    () => new Point(), () => Object.create({ inherited: 1 }), () => Object.assign(Object.create(null), { a: 1 }), () => ({ get a() { return 5; } }), () => Object.defineProperty({ b: 1 }, 'a', { value: 1 }), () => ({ [Symbol('s')]: 1 }), () => JSON.parse('{"__proto__":1}'),
    () => new Map([[1, { a: 1 }], [{ k: 1 }, new Set([1])]]), () => new Set([1, { a: 1 }, 'x']), () => Object.assign(new Map(), { k: 1 }), () => new (class Registry extends Map {})([[1, 2]]),
    () => new Uint8Array([1, 2]), () => new Uint8Array([1, 2, 3, 4]).subarray(1, 3), () => new Float64Array([NaN, -0]), () => new BigInt64Array([1n]), () => new DataView(new ArrayBuffer(8), 2, 4), () => new ArrayBuffer(4), () => Buffer.from(new Uint8Array([1, 2]).buffer), () => new Uint8ClampedArray(2),
    () => new ArrayBuffer(2, { maxByteLength: 8 }), () => new Error('a'), () => new TypeError('a', { cause: { a: 1 } }), () => new AggregateError([1], 'a'), () => Object.assign(new Error('a'), { code: 5 }), () => new (class CustomError extends RangeError {})('a'), () => Object.assign(new Error('a'), { name: 'SyntaxError' }),
    () => Object.assign(new Error('a'), { name: 'Odd' }), () => Object.assign(new Error('a'), { message: 5 }), () => new Error(), () => Object.create(Error.prototype), () => Object.create(Date.prototype), () => Math, () => ({ [Symbol.toStringTag]: 'X', a: 1 }),
    () => Symbol('s'), () => Symbol.iterator, () => function named() { return 1; }, () => () => 1, () => class A {}, () => ({ a: { b: () => 1 } }), () => [Symbol('x')], () => new Map([[Symbol('k'), 1]]), () => Promise.resolve(1), () => new WeakMap(), () => new WeakSet(), () => new WeakRef({}), () => Object(Symbol('s')),
    () => (function* () {})(), () => (function () { return arguments; })(1), () => [].values(), () => new Map().keys(), () => new Set().values(), () => ({ get a() { throw new RangeError('mine'); } }),
  ];
  for (const make of makers) {
    same(make);
    const made = make();
    same(() => [made, { again: made }, new Map([['k', made]])]);
  }
});

test('circles and shared references', () => {
  const circle = { a: {} };
  circle.self = circle;
  circle.a.up = circle;
  const list = [circle, circle.a];
  list.push(list);
  const map = new Map();
  map.set(map, map);
  const set = new Set();
  set.add(set);
  const error = new Error('round');
  error.cause = { error };
  const bytes = new Uint8Array(8);
  for (const value of [circle, list, map, set, { one: bytes, two: bytes.subarray(2), three: bytes.buffer, four: new DataView(bytes.buffer) }]) same(() => value, util.inspect(value));
  const [copy] = same(() => ({ x: bytes, y: bytes.subarray(1), z: bytes.buffer, w: bytes }));
  assert.ok(copy.x.buffer === copy.y.buffer && copy.x.buffer === copy.z && copy.x === copy.w && copy.z !== bytes.buffer);
  const [round] = same(() => circle);
  assert.ok(round.self === round && round.a.up === round && round !== circle);
  // V8 of Node.js 20 cannot read back what it wrote of this.
  const wrong = ours(error);
  assert.ok(wrong.cause.error === wrong);
  assert.ok(Number.isNaN(ours(new Date(NaN)).getTime()));
  assert.equal(Object.getPrototypeOf(ours(new Point())), Object.prototype);
});

test('arguments', () => {
  for (const args of [[], [1, 5], [1, 'x'], [1, null], [1, {}], [1, { transfer: 5 }], [1, { transfer: [5] }], [1, { transfer: [{}] }], [1, { transfer: [] }], [1, { transfer: undefined }]]) {
    assert.deepStrictEqual(outcome(ours, ...args), outcome(theirs, ...args), util.inspect(args));
  }
  const buffer = new ArrayBuffer(2);
  assert.deepStrictEqual(outcome(ours, 1, { transfer: [buffer, buffer] }), outcome(theirs, 1, { transfer: [buffer, buffer] }));
  assert.deepStrictEqual(outcome((...args) => ours(...args)), outcome((...args) => theirs(...args)));
  assert.deepStrictEqual(ours(new Uint8Array([1, 2]), { transfer: [new ArrayBuffer(1)] }), new Uint8Array([1, 2]));
});

test('1,000 random values', () => {
  const { below, pick } = random(2024);
  const make = depth => pick([
    () => below(100), () => `text ${below(9)}`, () => null, () => undefined, () => new Date(below(1e6)), () => /x/i, () => BigInt(below(99)), () => new Uint8Array(below(4)), () => new TypeError('t'),
    ...(depth > 0 ? [
      () => Array.from({ length: below(4) }, () => make(depth - 1)), () => Object.fromEntries(Array.from({ length: below(4) }, (_, i) => [`k${i}`, make(depth - 1)])), () => new Map(Array.from({ length: below(3) }, () => [make(depth - 1), make(depth - 1)])), () => new Set(Array.from({ length: below(3) }, () => make(depth - 1))), () => (below(20) === 0 ? () => 1 : make(depth - 1)),
    ] : []),
  ])();
  for (let i = 0; i < 1000; i++) {
    const value = make(4);
    same(() => value, `value ${i}`);
  }
});

test('deviations', () => {
  assert.deepEqual(ours(new Proxy({ a: 1 }, {})), { a: 1 });
  const buffer = new ArrayBuffer(2);
  assert.equal(ours(buffer, { transfer: [buffer] }).byteLength, 2);
  assert.equal(buffer.byteLength, typeof buffer.transfer === 'function' ? 0 : 2);
});

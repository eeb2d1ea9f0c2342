// Whimbrel's `assert` against `node:assert`: what passes, what fails, and what the error says.
//
// Deviations that are kept on purpose (tested under "deviations"):
//
// | where | Node.js | Whimbrel | reason |
// | --- | --- | --- | --- |
// | `assert(value)`, `assert.ok(value)` | quotes the line from the file | `0 == true`, as Node.js without the file | the text of the script is not at hand |
// | differences of more than 50 lines, or where several lines are equal | Node's choice of lines | another choice | the layout of a message, not its facts |
// | `strictEqual` of two objects that look alike, with a message | the message is lost | the message | a slip of Node.js |
// | `CallTracker` | deprecated | absent | for test runners |
// | `inspect` of getters in a message | their values | `[Getter]` | `inspect` does not call them |

import nodeAssert from 'node:assert';
import test from 'node:test';
import util from 'node:util';
import assert from '../../crates/whimbrel-script/js/node/assert.js';
import strict from '../../crates/whimbrel-script/js/node/assert/strict.js';
import { random } from './compare.mjs';

const told = (error, lib) => {
  if (!(error instanceof Error)) return { thrown: error };
  // Of very long messages only the heading counts.
  const short = text => (text.split('\n').length > 45 ? text.split('\n')[0] : text);
  const facts = { name: error.name, code: error.code, message: short(error.message) };
  if (!(error instanceof lib.AssertionError)) return facts;
  return { ...facts, text: short(String(error)), generated: error.generatedMessage, operator: error.operator, actual: error.actual, expected: error.expected, keys: Object.keys(error), isError: error instanceof Error };
};

function outcome(lib, call) {
  try {
    const result = call(lib);
    if (typeof result?.then === 'function') return result.then(value => ({ value }), error => told(error, lib));
    return { value: result };
  } catch (error) {
    return told(error, lib);
  }
}

async function same(call, what) {
  nodeAssert.deepStrictEqual(await outcome(assert, call), await outcome(nodeAssert, call), what ?? call.toString());
}

const shared = { a: 1 };
const fn = () => 1;
const symbol = Symbol('s');
const VALUES = [
  0, -0, 1, 2, 1.5, NaN, Infinity, 1n, 12345678, '', 'a', '1', 'ab', 'abcdefgh', 'abcdefgx', 'a\nb', "it's", 'x'.repeat(90), 'x'.repeat(600), true, false, null, undefined, symbol, fn, class A {},
  {}, [], shared, { a: 1 }, { a: 2 }, { a: '1' }, { a: 1, b: 2 }, { b: 2, a: 1 }, [1], [1, 2], [1, 2, 3], ['1'], [shared], { a: { b: { c: [1, 2, { d: 'x' }] } } }, { a: { b: { c: [1, 2, { d: 'y' }] } } }, Object.create(null), Object.assign(Object.create(null), { a: 1 }),
  new Date(0), new Date(1), /a/, /a/g, new Map(), new Map([[1, 2]]), new Map([[1, 3]]), new Set([1, 2]), new Set([2, 1]), new Set([1, 3]), new Uint8Array([1, 2]), new Uint8Array([1, 3]), Object(1), Object('a'), new (class Point { constructor() { this.a = 1; } })(),
  Array.from({ length: 12 }, (_, i) => i), Array.from({ length: 12 }, (_, i) => (i === 6 ? 'x' : i)), Array.from({ length: 30 }, (_, i) => (i % 12 === 6 ? 'x' : i)), Array.from({ length: 30 }, (_, i) => i), 'line\n'.repeat(30), [[[[]]]], [[[{}]]], [undefined], [null], [,],
];
const NAMES = ['equal', 'notEqual', 'strictEqual', 'notStrictEqual', 'deepEqual', 'notDeepEqual', 'deepStrictEqual', 'notDeepStrictEqual'];

test('every comparison of every pair', async () => {
  for (const name of NAMES) {
    for (const a of VALUES) {
      for (const b of VALUES) await same(lib => lib[name](a, b), `${name} of ${util.inspect(a)} and ${util.inspect(b)}`);
    }
  }
});

// Node.js says "same structure" where the caller had something to say.
const isLost = (name, value, message) => name === 'strictEqual' && typeof value === 'object' && message !== undefined && message !== null;

test('messages of one’s own, missing arguments', async () => {
  for (const name of NAMES) {
    for (const message of ['mine', '', null, undefined, 5, new RangeError('own'), { a: 1 }]) {
      for (const [a, b] of [[1, 2], [1, 1], [{ a: 1 }, { a: 1 }], [{ a: 1 }, { a: 2 }]]) if (!isLost(name, a, message)) await same(lib => lib[name](a, b, message), `${name}(${util.inspect([a, b, message])})`);
    }
    await same(lib => lib[name]());
    await same(lib => lib[name](1));
    await same(lib => lib.strict[name](1, '1'), `strict.${name}`);
    await same(lib => lib.strict[name]({ a: 1 }, { a: '1' }), `strict.${name}`);
  }
});

test('ok, fail, ifError', async () => {
  for (const value of [true, 1, 'x', {}, [], symbol]) for (const kind of ['ok', 'strict']) await same(lib => lib[kind](value));
  for (const value of VALUES) {
    for (const message of ['mine', new TypeError('own'), 5, { a: 1 }]) {
      await same(lib => lib(value, message));
      await same(lib => lib.ok(value, message));
      await same(lib => lib.strict(value, message));
    }
    await same(lib => lib.ifError(value), `ifError(${util.inspect(value)})`);
    await same(lib => lib.fail(value), `fail(${util.inspect(value)})`);
    await same(lib => lib.fail(value, 2), `fail(${util.inspect(value)}, 2)`);
    await same(lib => lib.fail(1, 2, value, '<'), `fail(1, 2, ${util.inspect(value)}, '<')`);
  }
  await same(lib => lib.ok());
  await same(lib => lib());
  await same(lib => lib.fail());
  for (const error of [new Error('x'), new TypeError(''), { message: 'plain' }, { message: '' }, { message: 5 }, Object.create(null)]) await same(lib => lib.ifError(error), util.inspect(error));
});

class CustomError extends Error { constructor(message, code) { super(message); this.code = code; this.name = 'CustomError'; } }
const THROWN = [new Error('boom'), new TypeError('boom'), new CustomError('boom', 'E_X'), 'boom', 5, null, undefined, { message: 'boom', a: 1 }, Object.assign(new Error(''), { nested: { a: [1] } })];
const EXPECTED = [
  undefined, null, Error, TypeError, CustomError, RangeError, /boom/, /^Error/, /nothing/, { message: 'boom' }, { message: /bo+m/ }, { message: /no/ }, { message: 'boom', code: 'E_X' }, { name: 'TypeError', message: /b/, code: 1 }, { nested: { a: [1] } }, { nested: { a: [2] } }, {}, new Error('boom'),
  new TypeError('boom'), new CustomError('boom', 'E_X'), () => true, () => false, () => 'yes', function named() { return 0; }, error => error instanceof Error, () => { throw new RangeError('inner'); }, 'boom', 'other', 5, true, symbol, class Plain {}, [],
];

test('throws and doesNotThrow', async () => {
  for (const thrown of [...THROWN, fn]) {
    const call = () => { if (thrown !== fn) throw thrown; };
    for (const expected of EXPECTED) {
      const what = `${util.inspect(thrown)} for ${util.inspect(expected)}`;
      for (const name of ['throws', 'doesNotThrow']) {
        await same(lib => lib[name](call, expected), `${name}: ${what}`);
        await same(lib => lib[name](call, expected, 'mine'), `${name}: ${what}, mine`);
        await same(lib => lib[name](call, expected, new RangeError('own')), `${name}: ${what}, own`);
      }
    }
    for (const name of ['throws', 'doesNotThrow']) await same(lib => lib[name](call), name);
  }
  for (const bad of VALUES.filter(value => typeof value !== 'function')) {
    await same(lib => lib.throws(bad), `throws(${util.inspect(bad)})`);
    await same(lib => lib.doesNotThrow(bad), `doesNotThrow(${util.inspect(bad)})`);
  }
});

test('rejects and doesNotReject', async () => {
  for (const thrown of [...THROWN, fn]) {
    for (const expected of EXPECTED) {
      for (const name of ['rejects', 'doesNotReject']) {
        const what = `${name}: ${util.inspect(thrown)} for ${util.inspect(expected)}`;
        await same(lib => lib[name](async () => { if (thrown !== fn) throw thrown; }, expected), what);
        await same(lib => lib[name](thrown === fn ? Promise.resolve(1) : Promise.reject(thrown), expected, 'mine'), what);
      }
    }
  }
  for (const bad of [...VALUES.filter(value => typeof value !== 'function'), () => 5, () => {}, () => ({}), () => 'x', () => null, () => { throw new RangeError('at once'); }, { then() {} }, () => ({ then: resolve => resolve(1), catch() {} })]) {
    await same(lib => lib.rejects(bad), `rejects(${util.inspect(bad)})`);
    await same(lib => lib.doesNotReject(bad), `doesNotReject(${util.inspect(bad)})`);
  }
});

test('match and doesNotMatch', async () => {
  for (const text of ['abc', '', 5, null, undefined, {}, ['abc'], symbol, 1n, fn]) {
    for (const regexp of [/b/, /x/, 'b', null, {}, undefined]) {
      for (const message of [undefined, 'mine', new TypeError('own')]) {
        await same(lib => lib.match(text, regexp, message), util.inspect([text, regexp, message]));
        await same(lib => lib.doesNotMatch(text, regexp, message), util.inspect([text, regexp, message]));
      }
    }
  }
});

test('AssertionError', async () => {
  for (const options of [undefined, null, 5, [], {}, { message: 'm' }, { message: '' }, { message: 5 }, { operator: '<', actual: 1, expected: 2 }, { operator: 'strictEqual', actual: 1, expected: 2 }, { message: 'm', operator: 'x', actual: { a: 1 } }]) {
    await same(lib => { throw new lib.AssertionError(options); }, util.inspect(options));
  }
  const print = lib => { try { lib.deepStrictEqual({ a: { b: { c: 1 } } }, { a: 2 }, 'short'); } catch (error) { error.stack = 'AssertionError [ERR_ASSERTION]: short\n    at x (y.js:1:1)'; return util.inspect(error); } };
  await same(print);
  const missing = Object.keys(nodeAssert).filter(name => !(name in assert));
  nodeAssert.deepEqual(missing, ['CallTracker']);
  nodeAssert.equal(strict, assert.strict);
  nodeAssert.equal(strict.strict, strict);
  nodeAssert.deepEqual([strict.equal, strict.deepEqual, strict.notEqual, strict.notDeepEqual], [assert.strictEqual, assert.deepStrictEqual, assert.notStrictEqual, assert.notDeepStrictEqual]);
});

test('400 random differences', async () => {
  const { below, pick } = random(31);
  for (let i = 0; i < 400; i++) {
    const left = Array.from({ length: 1 + below(20) }, (_, j) => 100 + j);
    const right = [...left];
    for (let change = below(3); change >= 0; change--) pick([() => { right[below(right.length)] = below(50); }, () => right.push(below(50)), () => right.pop()])();
    const wrap = pick([value => value, value => ({ list: value, end: 1 }), value => new Set(value), value => Object.fromEntries(value.map((item, j) => [`key${j}`, item]))]);
    await same(lib => lib.deepStrictEqual(wrap(left), wrap(right)), util.inspect([left, right]));
  }
});

test('deviations', () => {
  nodeAssert.throws(() => assert(0), { message: '0 == true', operator: '==', generatedMessage: true });
  nodeAssert.throws(() => assert.ok(null), { message: 'null == true' });
  nodeAssert.throws(() => assert.strictEqual({ a: 1 }, { a: 1 }, 'mine'), { message: 'mine\n\n{\n  a: 1\n}\n' });
  nodeAssert.equal(assert.CallTracker, undefined);
});

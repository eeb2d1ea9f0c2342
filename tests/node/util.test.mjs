// Whimbrel's `util` (without `inspect` and `format`, see `inspect.test.mjs`), deep equality, `os` and `perf_hooks` against
// those of Node.js.
//
// Deviations that are kept on purpose (tested under "deviations"):
//
// | where | Node.js | Whimbrel | reason |
// | --- | --- | --- | --- |
// | `types.isProxy`, `isExternal`, `isKeyObject`, `isCryptoKey` | tell | always false | not to be seen, or not there |
// | `types.isPromise`, `isGeneratorObject`, iterators | what it is | what it inherits from | asking would have effects |
// | `deprecate`, `promisify` of an async function | warn | silent | there is nobody to warn |
// | `debuglog` | by NODE_DEBUG | never | a switch for authors of libraries |
// | `formatWithOptions`, `%s` and `%d` | options used within | not used | one-line forms |
// | `styleText` | asks stdout, or `options.stream` | colours only with `validateStream: false` | output goes through the tool |
// | `stripVTControlCharacters` of malformed sequences | Node's pattern | the grammar of ECMA-48 | written from the standard |
// | `os.cpus()`, `loadavg`, `networkInterfaces`, `userInfo` | measured | placeholders, empty, name and home only | not the business of a migration |

import assert from 'node:assert/strict';
import looseAssert from 'node:assert';
import nodeOs from 'node:os';
import test from 'node:test';
import nodeUtil from 'node:util';
import asyncHooks from '../../crates/whimbrel-script/js/node/async_hooks.js';
import { useHost } from '../../crates/whimbrel-script/js/node/host.js';
import moduleModule from '../../crates/whimbrel-script/js/node/module.js';
import os from '../../crates/whimbrel-script/js/node/os.js';
import perfHooks from '../../crates/whimbrel-script/js/node/perf_hooks.js';
import util from '../../crates/whimbrel-script/js/node/util.js';
import { isDeepEqual, isDeepStrictEqual } from '../../crates/whimbrel-script/js/node/util/deep_equal.js';

const OS = {
  hostname: nodeOs.hostname(), platform: nodeOs.platform(), arch: nodeOs.arch(), release: nodeOs.release(), type: nodeOs.type(), cpus: nodeOs.cpus().length, totalmem: nodeOs.totalmem(), freemem: nodeOs.freemem(), homedir: nodeOs.homedir(), tmpdir: nodeOs.tmpdir(), username: nodeOs.userInfo().username, uptime: nodeOs.uptime(),
};
useHost({ osInfo: () => OS, now: () => performance.now() });

const failure = error => ({ name: error.name, class: error.constructor, code: error.code, message: error.constructor === TypeError && !error.code ? 'any' : error.message });
const outcome = call => {
  try {
    return { value: call() };
  } catch (error) {
    return failure(error);
  }
};
const settle = promise => promise.then(value => ({ value }), error => (error instanceof Error ? failure(error) : { rejected: error }));
const same = (call, what) => assert.deepEqual(outcome(() => call(util)), outcome(() => call(nodeUtil)), what ?? call.toString());

const symbol = Symbol('shared');
const fn = () => 1;
const namespace = await import('./compare.mjs');
class Point { constructor() { this.x = 1; } }

// Twice the same, made anew.
function makeValues() {
  const circle = { a: 1 };
  circle.self = circle;
  const unrolled = { a: 1, self: { a: 1 } };
  unrolled.self.self = unrolled;
  const list = [];
  list.push(list);
  const map = new Map();
  map.set('m', map);
  const set = new Set();
  set.add(set);
  return [
    0, -0, 1, '1', 1n, true, false, '', null, undefined, NaN, 'a', symbol, fn, () => 2, Symbol.for('q'), {}, [], { a: 1 }, { a: '1' }, { a: undefined }, { b: undefined }, { a: 1, b: 2 }, { b: 2, a: 1 }, Object.create(null), Object.assign(Object.create(null), { a: 1 }), new Point(), { x: 1 }, { [symbol]: 1 }, { [symbol]: 2 },
    Object.defineProperty({}, 'a', { value: 1 }), Object.defineProperty({}, symbol, { value: 1 }), [1, 2], [1, '2'], [, 1], [undefined, 1], [1, 2, 3], Object.assign([1, 2], { k: 1 }), Object.assign([1, 2], { [symbol]: 1 }), [NaN], [0], [-0], ['0'], [[1]], [['1']], [1, , 3], new Date(0), new Date(1), new Date(NaN), Object.assign(new Date(0), { k: 1 }),
    /a/, /a/g, /b/, Object.assign(/a/g, { lastIndex: 1 }), new Error('a'), new TypeError('a'), new Error('b'), new Error('a', { cause: 1 }), new Error('a', { cause: undefined }), new Error('a', { cause: { a: 1 } }), Object.assign(new Error('a'), { code: 5 }), new AggregateError([1], 'a'), new AggregateError([2], 'a'), Object.assign(new Error('a'), { name: 'TypeError' }),
    new Map(), new Map([[1, 2]]), new Map([['1', 2]]), new Map([[1, '2']]), new Map([[{ a: 1 }, 1]]), new Map([[{ a: 1 }, 1], [{ a: 2 }, 2]]), new Map([[{ a: 2 }, 2], [{ a: 1 }, 1]]), new Map([[null, 1]]), new Map([[undefined, 1]]), new Map([[1, undefined]]), new Map([[2, undefined]]), new Map([[NaN, 1]]), new Map([[{ a: '1' }, '1']]), new Map([[fn, 1]]), new Map([[1, 1], ['1', 2]]), new Map([['1', 1], [1, 2]]), Object.assign(new Map(), { k: 1 }),
    new Set(), new Set([1]), new Set(['1']), new Set([1, 2]), new Set([2, 1]), new Set([{ a: 1 }]), new Set([{ a: '1' }]), new Set([{ a: 1 }, { a: 2 }]), new Set([{ a: 2 }, { a: 1 }]), new Set([{ a: 1 }, { a: 1 }]), new Set([null]), new Set([undefined]), new Set([true]), new Set([NaN]), new Set([0]), new Set(['']), new Set([symbol]), new Set([1, '1']), new Set(['1', true]), new Set([[1], 2]), new Set([fn]), new Set([1n]), new Set(['a']), new Set([1, { a: 1 }]),
    new Uint8Array([1, 2]), new Uint8Array([1, 3]), new Uint8ClampedArray([1, 2]), new Int8Array([1, 2]), Buffer.from([1, 2]), new Float32Array([0]), new Float32Array([-0]), new Float64Array([NaN]), new Float64Array([0, 1]), Object.assign(new Uint8Array([1, 2]), { k: 1 }), new Uint8Array(0), new BigInt64Array([1n]), new ArrayBuffer(2), new Uint8Array([1, 2]).buffer, new SharedArrayBuffer(2), new DataView(new ArrayBuffer(2)), new DataView(new Uint8Array([1, 2]).buffer),
    Object(1), Object('1'), Object(true), Object(1n), Object(symbol), Object(0), Object(-0), Object(NaN), Object('ab'), Object.assign(Object('ab'), { k: 1 }), Object(''), new WeakMap(), new WeakSet(), Promise.resolve(1), new URL('http://a'), new URL('http://b'), (function () { return arguments; })(1), (function () { return arguments; })(2), Object.create(Date.prototype), Object.create(Error.prototype), { [Symbol.toStringTag]: 'A' }, Math, JSON, new Map([[1, 2]]).keys(),
    circle, unrolled, list, map, set, { get a() { return 1; } }, new (class extends Map {})(), new (class extends Array {})(), new (class extends Date {})(0), { name: 'a', message: 'a' }, new (class Sub extends Error {})('a'), { length: 0 }, { a: { b: { c: [1, { d: 2 }] } } }, { a: { b: { c: [1, { d: '2' }] } } }, new WeakRef({}), async () => 1, function* () {}, async function* () {}, (function* () {})(), (async function* () {})(), new Set([1]).values(), [].values(), namespace, class A {}, RegExp.prototype, Map.prototype, Int16Array.of(1), Uint16Array.of(1), Int32Array.of(1), Uint32Array.of(1), BigUint64Array.of(1n), Object.create(Map.prototype), { __proto__: Promise.prototype },
  ];
}

test('deep equality: every pair', () => {
  const [left, right] = [makeValues(), makeValues()];
  // An error of one's own is thrown as it is, which is far cheaper than one with a message.
  const unequal = new Error('unequal');
  const loose = (a, b) => {
    try {
      looseAssert.deepEqual(a, b, unequal);
      return true;
    } catch {
      return false;
    }
  };
  for (const a of left) {
    for (const b of right) {
      for (const [x, y] of [[a, b], [{ in: [a] }, { in: [b] }], [new Set([a, 5]), new Set([5, b])], [new Map([[a, 1]]), new Map([[b, 1]])], [new Map([[1, a]]), new Map([[1, b]])]]) {
        // The text of a failure is costly, so it is made only for one.
        if (isDeepStrictEqual(x, y) !== nodeUtil.isDeepStrictEqual(x, y)) assert.fail(`strict: ${nodeUtil.inspect([x, y])}`);
        if (isDeepEqual(x, y) !== loose(x, y)) assert.fail(`loose: ${nodeUtil.inspect([x, y])}`);
      }
    }
  }
});

test('types', () => {
  assert.deepEqual(Object.keys(util.types).sort(), Object.keys(nodeUtil.types).sort());
  const values = makeValues().filter(value => Object.getPrototypeOf(Object(value)) !== Promise.prototype || value instanceof Promise && Object.prototype.hasOwnProperty.call(value, 'constructor') === false);
  for (const name of Object.keys(nodeUtil.types)) {
    for (const value of values) {
      if (name === 'isPromise' && !nodeUtil.types.isPromise(value) && value instanceof Promise) continue;
      assert.equal(util.types[name](value), nodeUtil.types[name](value), `${name}(${nodeUtil.inspect(value)})`);
    }
  }
});

test('the old questions', () => {
  const names = ['isArray', 'isBoolean', 'isBuffer', 'isNull', 'isNullOrUndefined', 'isNumber', 'isString', 'isSymbol', 'isUndefined', 'isRegExp', 'isObject', 'isDate', 'isError', 'isFunction', 'isPrimitive'];
  for (const name of names) {
    for (const value of makeValues()) {
      if (name === 'isBuffer' && Buffer.isBuffer(value)) continue; // Whimbrel's has a class of its own
      assert.equal(util[name](value), nodeUtil[name](value), `${name}(${nodeUtil.inspect(value)})`);
    }
  }
});

test('promisify', async () => {
  const scenario = async ({ promisify }) => {
    const out = [];
    const named = Object.assign(function named(a, b, callback) { callback(null, [this?.me, a, b], 'second'); }, { extra: 5 });
    const promised = promisify(named);
    out.push(await promised.call({ me: 1 }, 2, 3), promised.name, promised.length, promised.extra, promised === promisify(promised), Object.getPrototypeOf(promised) === Function.prototype);
    out.push(await settle(promisify(callback => callback(new RangeError('bad')))()), await settle(promisify(callback => callback('text'))()), await settle(promisify(() => { throw new Error('at once'); })()), await settle(promisify(callback => callback(0, 7))()));
    const own = Object.assign(() => {}, { [promisify.custom]: async () => 'own' });
    out.push(await promisify(own)(), promisify(own) === own[promisify.custom], promisify.custom);
    for (const bad of [undefined, null, 5, {}, 'x']) out.push(outcome(() => promisify(bad)), outcome(() => promisify(Object.assign(() => {}, { [promisify.custom]: bad })) !== undefined));
    return out;
  };
  assert.deepEqual(await scenario(util), await scenario(nodeUtil));
});

test('callbackify', async () => {
  const scenario = async ({ callbackify }) => {
    const run = (original, ...args) => new Promise(resolve => callbackify(original).call({ me: 1 }, ...args, (...results) => resolve(results.map(item => (item instanceof Error ? { ...failure(item), reason: item.reason } : item)))));
    const out = [await run(async function (a) { return [this.me, a]; }, 5), await run(async () => {}), await run(async () => { throw new RangeError('bad'); })];
    for (const falsy of [null, undefined, 0, '', false]) out.push(await run(() => Promise.reject(falsy)));
    out.push(await run(() => ({ then: resolve => resolve('thenable') })));
    const named = callbackify(async function named(a, b) {});
    out.push(named.name, named.length);
    for (const bad of [undefined, 5, {}]) out.push(outcome(() => callbackify(bad)), outcome(() => named(1, bad)));
    return [...out, outcome(() => named())];
  };
  assert.deepEqual(await scenario(util), await scenario(nodeUtil));
});

test('inherits, deprecate, debuglog, _extend, toUSVString', () => {
  same(({ inherits }) => {
    function Parent() {}
    Parent.prototype.hello = () => 'hello';
    function Child() { Parent.call(this); }
    const result = inherits(Child, Parent);
    return [result, new Child().hello(), new Child() instanceof Parent, Child.super_ === Parent, Object.keys(Child), new Child().constructor === Child];
  });
  for (const bad of [undefined, null, 5, {}, () => {}]) {
    same(({ inherits }) => inherits(bad, function () {}), nodeUtil.inspect(bad));
    same(({ inherits }) => inherits(function () {}, bad), nodeUtil.inspect(bad));
  }
  same(({ deprecate }) => {
    class Old { constructor(a) { this.a = a; } }
    const Wrapped = deprecate(Old, 'old');
    const call = deprecate(function (a) { return [this?.me, a]; }, 'old', 'DEP_X');
    return [new Wrapped(5).a, new Wrapped() instanceof Old, call.call({ me: 1 }, 2), outcome(() => deprecate(() => {}, 'x', 5))];
  });
  same(({ debuglog, debug }) => [debuglog('x')('text'), debuglog('x').enabled, typeof debug('y')]);
  for (const [target, source] of [[{ a: 1 }, { b: 2 }], [{ a: 1 }, null], [{ a: 1 }, 'ab'], [{ a: 1 }, undefined], [{ a: 1 }, [5]]]) same(({ _extend }) => _extend({ ...target }, source));
  for (const value of ['a', '\ud800', 'a\udc00b\ud83d', '🙂', 5, null, undefined, {}, Symbol('s')]) same(({ toUSVString }) => toUSVString(value), nodeUtil.inspect(value));
});

test('formatWithOptions', () => {
  const deep = { a: { b: { c: { d: { e: 1 } } } }, list: [1, 2, 3, 4, 5] };
  for (const options of [{}, { depth: 0 }, { depth: 5 }, { compact: false }, { maxArrayLength: 1 }, { breakLength: 20 }, { sorted: true }]) {
    for (const args of [[], ['a'], ['a', 'b'], [deep], ['x', deep], [deep, 'x', 5], ['%s', deep, deep], ['%O and %o', deep, [1, 2], deep], ['%d %i %f %j %%', '42.5', '42.5', '42.5', { a: 1 }, 'rest'], ['%O'], ['%%'], ['%% %s', 'a'], ['100%', 5], ['%x %s', 'a', deep], [5, '%s', 'a'], ['%s %O %s %O', 'a', deep, 'b', deep, deep]]) {
      if (args[0] === '%s' && options.depth !== 0) continue;
      same(({ formatWithOptions }) => formatWithOptions(options, ...args), nodeUtil.inspect([options, args]));
    }
  }
  for (const bad of [undefined, null, 5, 'x']) same(({ formatWithOptions }) => formatWithOptions(bad, 'a'), nodeUtil.inspect(bad));
});

test('styleText and stripVTControlCharacters', () => {
  for (const format of [...Object.keys(nodeUtil.inspect.colors), 'grey', 'bgGrey', 'blackBright', 'crossedOut', 'faint', 'doubleUnderline', ['bold', 'red'], ['red', 'bgBlue', 'underline'], [], 'nothing', 5, null, undefined, ['bold', 'nothing'], {}, '']) {
    same(({ styleText }) => styleText(format, 'text', { validateStream: false }), nodeUtil.inspect(format));
  }
  for (const text of [5, null, undefined, {}]) same(({ styleText }) => styleText('bold', text, { validateStream: false }));
  assert.equal(util.styleText('bold', 'x'), 'x');
  for (const text of ['plain', '', '\x1b[31mred\x1b[39m', '\x1b[1;31;42mx\x1b[0m', '\x1b[2Jclear\x1b[H', '\x1b]8;;http://a.b/c\x07link\x1b]8;;\x07', '\x1b]0;title\x07x', '\x9b31mx', '\x1b[38;5;200mx', '\x1b[38;2;1;2;3mx', '\x1b[?25lx\x1b[?25h', 'a\nb\tc', '\x1b[10;20Hx', '\x1b[Kx', '[31m', 5, null, undefined, {}]) {
    same(({ stripVTControlCharacters }) => stripVTControlCharacters(text), nodeUtil.inspect(text));
  }
});

test('the shape of the module', () => {
  const missing = Object.keys(nodeUtil).filter(name => !(name in util));
  assert.deepEqual(missing, ['_errnoException', '_exceptionWithHostPort', 'getSystemErrorMap', 'getSystemErrorName', 'log', 'transferableAbortSignal', 'transferableAbortController', 'aborted', 'parseEnv', 'parseArgs', 'MIMEType', 'MIMEParams']);
});

test('os', () => {
  for (const name of ['arch', 'availableParallelism', 'endianness', 'homedir', 'hostname', 'platform', 'release', 'tmpdir', 'totalmem', 'type', 'machine']) assert.equal(os[name](), nodeOs[name](), name);
  assert.deepEqual([os.EOL, os.devNull, os.uptime(), os.freemem()], [nodeOs.EOL, nodeOs.devNull, OS.uptime, OS.freemem]);
  assert.equal(os.cpus().length, nodeOs.cpus().length);
  assert.deepEqual(Object.keys(os.cpus()[0]), Object.keys(nodeOs.cpus()[0]));
  assert.deepEqual([os.userInfo().username, os.userInfo().homedir, Object.keys(os.userInfo()).sort()], [nodeOs.userInfo().username, nodeOs.userInfo().homedir, Object.keys(nodeOs.userInfo()).sort()]);
  for (const kind of ['errno', 'signals']) for (const [name, value] of Object.entries(os.constants[kind])) assert.equal(value, nodeOs.constants[kind][name], name);
  assert.deepEqual(Object.keys(nodeOs).filter(name => !(name in os)), []);
  assert.throws(() => os.setPriority(1), { code: 'ERR_NOT_OFFERED' });
  OS.platform = 'win32';
  assert.deepEqual([os.EOL, os.devNull], ['\r\n', '\\\\.\\nul']);
  OS.platform = nodeOs.platform();
});

test('perf_hooks', () => {
  const { performance: ours } = perfHooks;
  const before = ours.now();
  assert.ok(ours.now() >= before && Math.abs(ours.timeOrigin + ours.now() - Date.now()) < 50);
  const scenario = performance => {
    performance.clearMarks();
    performance.clearMeasures();
    const plain = entry => [entry.name, entry.entryType, entry.startTime, entry.duration, entry.detail, entry.constructor.name];
    performance.mark('a', { startTime: 10, detail: { x: 1 } });
    performance.mark('b', { startTime: 25 });
    const made = [performance.measure('m', 'a', 'b'), performance.measure('n', { start: 5, end: 9, detail: 'd' }), performance.measure('o', { start: 'a', duration: 3 }), performance.measure('p', { end: 'b', duration: 5 })].map(plain);
    const listed = [performance.getEntries().map(entry => entry.name), performance.getEntriesByType('mark').map(plain), performance.getEntriesByName('m').map(plain), performance.getEntriesByName('m', 'mark')];
    const wrong = outcome(() => performance.measure('x', 'nobody'));
    performance.clearMarks('a');
    const cleared = performance.getEntries().map(entry => entry.name);
    performance.clearMarks();
    performance.clearMeasures();
    return [made, listed, [wrong.name, wrong.code, wrong.message], cleared, performance.getEntries().length];
  };
  assert.deepEqual(scenario(ours), scenario(performance));
  assert.throws(() => new perfHooks.PerformanceObserver(() => {}), { code: 'ERR_NOT_OFFERED' });
});

test('async_hooks and module', () => {
  assert.throws(() => new asyncHooks.AsyncLocalStorage(), { code: 'ERR_NOT_OFFERED', message: /^AsyncLocalStorage is not offered in a migration: / });
  assert.throws(() => asyncHooks.createHook({}), { code: 'ERR_NOT_OFFERED' });
  assert.equal(new asyncHooks.AsyncResource('x').runInAsyncScope(function (a) { return this.b + a; }, { b: 1 }, 2), 3);
  assert.ok(moduleModule.builtinModules.includes('path'));
});

test('deviations', () => {
  assert.equal(util.types.isProxy(new Proxy({}, {})), false);
  assert.equal(util.types.isPromise({ __proto__: Promise.prototype }), true);
});

// Whimbrel's `buffer` module against the one of the Node.js that runs this, call by call.
//
// What is compared: values, bytes, and of errors class, code and message. All of it is done twice where it
// reads or writes text: with the host's operations (`useHost`) and without, when JavaScript does the work.
//
// Deviations that are kept on purpose:
//
// | where | Node.js | Whimbrel | reason |
// | --- | --- | --- | --- |
// | small buffers | views into a pool | memory of their own | nobody else's bytes behind `buffer.buffer` |
// | `allocUnsafe` | whatever was there | zeros | same |
// | `new Buffer()` | prints a deprecation warning | silent | runs the same |
// | methods called on a plain Uint8Array | some fail (`this.utf8Slice is not a function`) | work | no harm in it |
// | `indexOf(…, 'ucs2')` in an odd number of bytes | finds what is not there | -1 | a mistake of Node's |
// | `Blob`, `File`, `resolveObjectURL` | there | absent | of no use to a migration |

import assert from 'node:assert/strict';
import nodeBuffer from 'node:buffer';
import { execFileSync } from 'node:child_process';
import test from 'node:test';
import util from 'node:util';
import ourBuffer from '../../crates/whimbrel-script/js/node/buffer.js';
import { useHost } from '../../crates/whimbrel-script/js/node/host.js';
import { inspect } from '../../crates/whimbrel-script/js/inspect.js';
import { random } from './compare.mjs';

process.noDeprecation = true;

const NATIVE = {
  utf8Encode: text => new Uint8Array(Buffer.from(text)),
  utf8Decode: bytes => Buffer.from(bytes).toString(),
  base64Encode: (bytes, urlSafe) => Buffer.from(bytes).toString(urlSafe ? 'base64url' : 'base64'),
  hexEncode: bytes => Buffer.from(bytes).toString('hex'),
};
const HOSTS = { 'in JavaScript': {}, 'through the host': NATIVE };

const ours = { ...ourBuffer, lib: ourBuffer, make: values => ourBuffer.Buffer.from(values) };
const theirs = { ...nodeBuffer, lib: nodeBuffer, make: values => nodeBuffer.Buffer.from(values) };

function plain(value) {
  if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return `${value.constructor.name} ${Array.from(bytes)}`;
  }
  if (typeof value === 'function') return `function ${value.name}`;
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === 'object' && value !== null ? Object.entries(value).map(([key, inner]) => [key, plain(inner)]) : value;
}

function outcome(call, library) {
  try {
    return { value: plain(call(library)) };
  } catch (error) {
    return { error: error.name, code: error.code, message: error.message, text: String(error), keys: Object.keys(error) };
  }
}

function same(call, what = '') {
  const [mine, real] = [outcome(call, ours), outcome(call, theirs)];
  // The text of an engine's own error is its own: only the class counts.
  if (real.error !== undefined && real.code === undefined) assert.equal(mine.error, real.error, `${call} ${what}`);
  else assert.deepEqual(mine, real, `${call} ${what}`);
}

const ENCODINGS = ['utf8', 'utf-8', 'UTF8', 'ucs2', 'ucs-2', 'utf16le', 'UTF-16LE', 'latin1', 'binary', 'ascii', 'hex', 'Base64', 'base64', 'base64url'];

const ODD = [
  undefined, null, 0, 1, -1, 2, 3, 5, 9, 1.5, -1.5, 255, 256, NaN, Infinity, -Infinity, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 1e21, 5n, 2n ** 40n, '', '1', 'x', "it's", 'hex', 'zz', true, false, {}, [],
  [1, 2, 3], { length: 2, 0: 7 }, { length: '2' }, { length: -1 }, { length: NaN }, { length: 1.5, 0: 1 }, { type: 'Buffer', data: [1, 2] }, { type: 'Buffer', data: 'x' }, { type: 'x', data: [1] }, new Date(0), new Map(),
  new String('ab'), new Number(3), { valueOf: () => 'xyz' }, { valueOf: () => null }, Object.create(null), Symbol('s'), () => 1, function named() {}, class Some {},
  new Uint8Array([1, 2, 3]), new Uint8Array(0), new Uint16Array([258, 3]), new Float32Array([1.5, 300]), new DataView(new ArrayBuffer(3)), new ArrayBuffer(3), 'y'.repeat(50), '\ud800', 'é€😀',
];

// Of use as a source only.
const SOURCES = [new SharedArrayBuffer(2), { [Symbol.toPrimitive]: () => 'xyz' }, { [Symbol.toPrimitive]: () => 5 }];

test('the module and its shape', () => {
  const ABSENT = ['Blob', 'File', 'resolveObjectURL'];
  assert.deepEqual(Object.keys(ourBuffer).sort(), Object.keys(nodeBuffer).filter(key => !ABSENT.includes(key)).sort());
  assert.deepEqual(ourBuffer.constants, { ...nodeBuffer.constants });
  assert.equal(ourBuffer.kMaxLength, nodeBuffer.kMaxLength);
  assert.equal(ourBuffer.kStringMaxLength, nodeBuffer.kStringMaxLength);
  assert.deepEqual(Object.keys(ourBuffer.Buffer).sort(), Object.keys(nodeBuffer.Buffer).sort());
  const names = library => Reflect.ownKeys(library.Buffer.prototype).map(String).sort();
  assert.deepEqual(names(ours), names(theirs));
  for (const name of Object.keys(nodeBuffer.Buffer.prototype)) {
    same(({ Buffer }) => Object.getOwnPropertyDescriptor(Buffer.prototype, name).enumerable, name);
  }
  same(({ Buffer }) => Buffer.prototype.readUint8 === Buffer.prototype.readUInt8 && Buffer.prototype.readUint8.name);
  same(({ Buffer }) => Buffer.prototype.toLocaleString === Buffer.prototype.toString);
  same(({ Buffer }) => Buffer.prototype.inspect === Buffer.prototype[util.inspect.custom]);
  same(({ Buffer }) => [Buffer.name, Buffer.length, Buffer.poolSize, Buffer.prototype.constructor === Buffer]);
  same(({ Buffer, make }) => [make([1]) instanceof Buffer, make([1]) instanceof Uint8Array, ArrayBuffer.isView(make([1]))]);
  same(({ Buffer }) => Object.getPrototypeOf(Buffer) === Uint8Array);
  same(({ make }) => Object.prototype.toString.call(make([1])));
  same(({ make }) => [make([1, 2]).map(x => x * 2), make([1, 2]).filter(x => x > 1), make([3, 1]).sort(), [...make([5, 6]).entries()]]);
  same(({ make }) => JSON.stringify({ data: make([1, 2]), none: make([]) }));
  same(({ make }) => { const b = make([1, 2]); return [b.parent === b.buffer, b.subarray(1).offset - b.offset]; });
  same(({ Buffer }) => [Buffer.prototype.parent, Buffer.prototype.offset]);
  same(({ Buffer }) => { class Sub extends Buffer {} return new Sub(2); });
});

test('making buffers', () => {
  for (const value of [...ODD, ...SOURCES]) {
    // Sizes which would take gigabytes are left out.
    const isHuge = typeof value === 'number' && value > 1e6 && value <= 2 ** 32;
    for (const second of [undefined, null, '', 'hex', 'zz', 0, 1, 4, 'base64', {}, NaN]) {
      same(({ Buffer }) => Buffer.from(value, second), util.inspect([value, second]));
      if (!isHuge) same(({ Buffer }) => Buffer(value, second), util.inspect([value, second]));
    }
    if (!isHuge) same(({ Buffer }) => new Buffer(value), util.inspect(value));
    same(({ Buffer }) => Buffer.from(new ArrayBuffer(3), value), util.inspect(value));
    same(({ Buffer }) => Buffer.from(new ArrayBuffer(3), 1, value), util.inspect(value));
    same(({ Buffer }) => Buffer.from([value]), util.inspect(value));
    same(({ Buffer }) => Buffer.of(value, 1), util.inspect(value));
    same(({ Buffer }) => Buffer.alloc(3, value), util.inspect(value));
    for (const name of ['utf8', '', null, 'zz', 5, 'latin1', 'hex', 'ucs2', 'base64']) {
      same(({ Buffer }) => Buffer.alloc(7, value, name), util.inspect([value, name]));
    }
    same(({ Buffer }) => Buffer.concat(value), util.inspect(value));
    // Of anything else Node adds up the `length`s first, and fails for them.
    if (value?.length === undefined || ArrayBuffer.isView(value)) {
      same(({ Buffer, make }) => Buffer.concat([make([1]), value]), util.inspect(value));
    }
    same(({ Buffer, make }) => Buffer.copyBytesFrom(value), util.inspect(value));
    same(({ Buffer }) => Buffer.copyBytesFrom(new Uint16Array([1, 2, 3]), value), util.inspect(value));
    same(({ Buffer }) => Buffer.copyBytesFrom(new Uint16Array([1, 2, 3]), 1, value), util.inspect(value));
    same(({ Buffer }) => Buffer.byteLength(value), util.inspect(value));
    same(({ Buffer }) => Buffer.byteLength('é=ab', value), util.inspect(value));
    same(({ Buffer }) => Buffer.isBuffer(value));
    same(({ Buffer }) => Buffer.isEncoding(value));
    same(({ Buffer, make }) => Buffer.compare(make([1]), value), util.inspect(value));
    same(({ Buffer, make }) => Buffer.compare(value, make([1])), util.inspect(value));
    if (isHuge) continue;
    for (const way of ['alloc', 'allocUnsafe', 'allocUnsafeSlow']) same(({ Buffer }) => Buffer[way](value).length, util.inspect(value));
    same(({ SlowBuffer }) => SlowBuffer(value).length, util.inspect(value));
    same(({ SlowBuffer }) => new SlowBuffer(value).length, util.inspect(value));
    same(({ Buffer, make }) => Buffer.concat([make([1, 2]), make([3])], value), util.inspect(value));
  }
  same(({ Buffer }) => Buffer.from());
  same(({ Buffer }) => Buffer.concat([]));
  same(({ Buffer }) => Buffer.alloc(0, 'a', 'zz'));
  same(({ Buffer }) => (function () { return Buffer.from(arguments); })(1, 2));
  const shared = new ArrayBuffer(4);
  const view = ourBuffer.Buffer.from(shared, 1, 2);
  view[0] = 9;
  assert.deepEqual([...new Uint8Array(shared)], [0, 9, 0, 0]);
  assert.equal(ourBuffer.Buffer.isBuffer(new Uint8Array(1)), false);
  assert.equal(ourBuffer.Buffer.from('abc').buffer.byteLength, 3);
  for (const name of ENCODINGS) same(({ Buffer }) => Buffer.isEncoding(name), name);
});

const TEXTS = [
  '', 'a', 'abc', 'abcd', 'héllo', '€', '😀', 'a😀b', '\ud800', '\udc00', '\ud800a', 'x\udc00\ud800', '\ud83d\ud83d\ude00', '\0\x7f\x80\xff', '\u0141\u0130', 'YQ==', 'YWI=', 'YWJj', 'YW Jj\n', 'YW-_', 'YW+/', 'YQ', 'Y', '=', 'YQ==YQ==', 'YW=Jj', 'YWÿJj',
  'YWŁJj', 'deadBEEF', 'abc', 'abzz12', 'zz', '0g', 'a\u0141', '\ufeffbom', 'é'.repeat(100), '€'.repeat(5000), 'a'.repeat(9000), '😀'.repeat(3000), `${'a'.repeat(4095)}😀${'b'.repeat(4094)}😀`, 'QUJD'.repeat(2000), `${'QUJD'.repeat(19)}\r\n`.repeat(30), 'ab'.repeat(5000), '\ud800'.repeat(60),
];

for (const [how, native] of Object.entries(HOSTS)) {
  test(`text to bytes and back, ${how}`, () => {
    useHost(native);
    for (const encoding of ENCODINGS) {
      for (const text of TEXTS) {
        const what = `${encoding} ${text.slice(0, 20)}`;
        same(({ Buffer }) => Buffer.from(text, encoding), what);
        same(({ Buffer }) => Buffer.byteLength(text, encoding), what);
        same(({ Buffer }) => Buffer.from(text).toString(encoding), what);
        same(({ Buffer }) => Buffer.from(text, 'latin1').toString(encoding), what);
        same(({ Buffer }) => Buffer.from(text, encoding).toString(encoding), what);
        for (const room of [0, 1, 2, 3, 4, 5, 7, 64]) {
          same(({ Buffer }) => { const b = Buffer.alloc(64); return [b.write(text, 0, room, encoding), b]; }, `${what} ${room}`);
        }
      }
    }
    useHost({});
  });

  test(`random text and bytes, ${how}`, () => {
    useHost(native);
    const { below, bytes, pick } = random(7);
    const units = ['a', 'Z', '9', '=', '-', '_', '+', '/', ' ', '\n', 'é', '\u0141', '€', '\ud83d', '\ude00', '😀', '\uffff'];
    const edges = [0x41, 0x7f, 0x80, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff, 0x90, 0x8f, 0xbb];
    for (let i = 0; i < 4000; i++) {
      const text = Array.from({ length: below(90) }, () => pick(units)).join('');
      const raw = below(2) ? bytes(below(200)) : Uint8Array.from({ length: below(120) }, () => pick(edges));
      const encoding = pick(ENCODINGS);
      const [start, end] = [below(20) - 3, below(200)];
      same(({ Buffer }) => Buffer.from(text, encoding), JSON.stringify([text, encoding]));
      same(({ Buffer }) => Buffer.byteLength(text, encoding), JSON.stringify([text, encoding]));
      same(({ make }) => make(raw).toString(encoding), `${encoding} ${raw}`);
      same(({ make }) => make(raw).toString(encoding, start, end), `${encoding} ${start} ${end} ${raw}`);
      same(({ make }) => make(raw).subarray(3).toString(encoding), `${encoding} ${raw}`);
      same(({ Buffer }) => { const b = Buffer.alloc(40, 1); return [b.write(text, below(0), below(0) + 13, encoding), b]; });
      same(({ isUtf8 }) => isUtf8(raw), `${raw}`);
      same(({ isAscii }) => isAscii(raw));
    }
    useHost({});
  });
}

test('the host is asked for long input only, and with plain arrays', () => {
  const calls = [];
  useHost(Object.fromEntries(Object.entries(NATIVE).map(([name, call]) => [name, (value, ...rest) => {
    calls.push([name, typeof value === 'string' ? value.isWellFormed() : value.constructor.name]);
    return call(value, ...rest);
  }])));
  const { Buffer } = ourBuffer;
  const short = Buffer.from('short');
  for (const encoding of ['utf8', 'hex', 'base64', 'base64url']) short.toString(encoding);
  assert.deepEqual(calls, []);
  const long = Buffer.from('\ud800'.repeat(99));
  for (const encoding of ['utf8', 'hex', 'base64', 'base64url']) long.toString(encoding);
  useHost({});
  assert.deepEqual(calls, [
    ['utf8Encode', true], ['utf8Decode', 'Uint8Array'], ['hexEncode', 'Uint8Array'], ['base64Encode', 'Uint8Array'], ['base64Encode', 'Uint8Array'],
  ]);
});

test('methods with every kind of argument', () => {
  const hello = ({ Buffer }) => Buffer.from('hello');
  const eight = ({ Buffer }) => Buffer.alloc(8, 'abcdefgh');
  const after = (library, method, ...args) => { const b = eight(library); return [b[method](...args), b]; };
  for (const value of ODD) {
    const what = util.inspect(value);
    for (const method of ['toString', 'toLocaleString']) {
      same(library => hello(library)[method](value), what);
      same(library => hello(library)[method]('utf8', value), what);
      same(library => hello(library)[method]('latin1', 1, value), what);
      same(library => hello(library)[method](value, 9), what);
    }
    same(library => hello(library).equals(value), what);
    same(library => hello(library).compare(value), what);
    for (const method of ['slice', 'subarray']) {
      same(library => hello(library)[method](value), what);
      same(library => hello(library)[method](1, value), what);
    }
    for (const before of [[], [0], [0, 5], [0, 5, 1]]) {
      same(library => hello(library).compare(hello(library), ...before, value), `${before} ${what}`);
    }
    same(library => hello(library).copy(value), what);
    for (const before of [[], [1], [1, 2]]) {
      same(library => { const b = eight(library); return [hello(library).copy(b, ...before, value), b]; }, `${before} ${what}`);
    }
    same(library => after(library, 'write', value), what);
    for (const before of [[], [1], [1, 2]]) same(library => after(library, 'write', 'abé', ...before, value), `${before} ${what}`);
    same(library => after(library, 'write', value, 'hex'), what);
    same(library => after(library, 'write', 'abc', value, 2), what);
    same(library => after(library, 'fill', value), what);
    same(library => after(library, 'fill', value, 'hex'), what);
    same(library => after(library, 'fill', value, 10), what);
    for (const before of [[], [1], [1, 6]]) {
      same(library => after(library, 'fill', 'abc', ...before, value), `${before} ${what}`);
      same(library => after(library, 'fill', 7, ...before, value), `${before} ${what}`);
      same(library => after(library, 'fill', new Uint8Array([1, 2]), ...before, value), `${before} ${what}`);
    }
    same(library => after(library, 'fill', 'abc', value, 3), what);
    for (const method of ['indexOf', 'lastIndexOf', 'includes']) {
      same(library => hello(library)[method](value), `${method} ${what}`);
      same(library => hello(library)[method]('l', value), `${method} ${what}`);
      same(library => hello(library)[method](108, value), `${method} ${what}`);
      same(library => hello(library)[method]('l', 0, value), `${method} ${what}`);
      same(library => eight(library)[method](new Uint8Array([99, 100]), value, 'ucs2'), `${method} ${what}`);
    }
  }
  for (const value of [null, {}, 5, new Date(0)]) {
    for (const method of ['indexOf', 'lastIndexOf', 'includes']) same(({ Buffer }) => Buffer.prototype[method].call(value, 'l'));
  }
  for (const size of [0, 1, 2, 3, 4, 6, 8, 16, 24]) {
    for (const method of ['swap16', 'swap32', 'swap64']) same(({ Buffer }) => Buffer.from(Uint8Array.from({ length: size }, (_, i) => i))[method]());
  }
  same(({ Buffer }) => { const b = Buffer.from('hello'); b.slice(1, 3)[0] = 0x45; b.subarray(-1)[0] = 0x4f; return b; });
  same(({ Buffer }) => { const b = Buffer.from('hello'); return [b.copy(b, 1), b, b.fill(b.subarray(0, 2)), b.copyWithin(2, 0)]; });
  same(({ Buffer }) => { const b = Buffer.from('hello'); return [b.equals(b), b.equals(new Uint8Array(b)), b.equals(Buffer.from('hellp'))]; });
});

test('direct methods of single encodings', () => {
  for (const name of ['ascii', 'base64', 'base64url', 'latin1', 'hex', 'ucs2', 'utf8']) {
    for (const args of [[], [1], [1, 3], [3, 1], [0, 5], [5]]) same(({ make }) => make([104, 228, 108, 108, 111])[`${name}Slice`](...args), `${name} ${args}`);
    for (const args of [[0, 9], [9], [-1]]) same(({ make }) => make([1, 2, 3])[`${name}Slice`](...args), `${name} ${args}`);
    for (const args of [['abcd'], ['abcd', 1], ['abcd', 1, 2], ['abcd', 8], ['abcd', 9], [5], ['abcd', 0, 99], ['abcd', -1]]) {
      same(({ Buffer }) => { const b = Buffer.alloc(8); return [b[`${name}Write`](...args), b]; }, `${name} ${args}`);
    }
  }
});

test('filling', () => {
  const { below, bytes, pick } = random(3);
  for (let i = 0; i < 3000; i++) {
    const value = below(2) ? pick(['', 'a', 'ab', 'é', '€', '😀', '\ud800', 'ff', 'deadbeef', 'f', 'YWI=', 'zz']) : bytes(below(5));
    const [start, end, encoding] = [below(12), below(25), pick(ENCODINGS)];
    same(({ Buffer }) => Buffer.alloc(24, 0x2e).fill(value, start, end, encoding), util.inspect([value, start, end, encoding]));
    same(({ Buffer }) => Buffer.alloc(24, value, encoding), util.inspect([value, encoding]));
  }
});

test('searching', () => {
  const { below, pick } = random(11);
  const make = length => Uint8Array.from({ length }, () => pick([0, 97, 98]));
  for (let i = 0; i < 20000; i++) {
    const encoding = pick([undefined, 'utf8', 'ucs2', 'latin1', 'ascii', 'hex', 'base64', 'base64url']);
    const hay = make(encoding === 'ucs2' ? 2 * below(8) : below(14));
    const needle = pick([
      () => make(below(4)), () => pick(['', 'a', 'ab', 'b', 'ba', 'aba', '\0a', 'é']), () => pick([97, 98, 0, 353, -159, 97.9]), () => pick(['YQ==', '6162', 'a\0']),
    ])();
    const offset = pick([undefined, null, 0, below(16), -below(16), below(16) + 0.5, -2.5, NaN, {}, '3', Infinity, -Infinity]);
    for (const method of ['indexOf', 'lastIndexOf', 'includes']) {
      same(library => library.make(hay)[method](needle, offset, encoding), util.inspect([hay, needle, offset, encoding, method]));
    }
  }
});

const NUMBER_NAMES = Object.keys(nodeBuffer.Buffer.prototype).filter(name => /^(read|write)/.test(name));

test('numbers: random values', () => {
  const { below, bytes, next, pick } = random(5);
  for (const name of NUMBER_NAMES) {
    const isVariable = /U?[iI]nt[LB]E$/.test(name);
    for (let i = 0; i < 300; i++) {
      const raw = bytes(10);
      const rest = isVariable ? [below(12) - 1, 1 + below(6)] : pick([[], [below(12) - 1]]);
      if (name.startsWith('read')) {
        same(({ make }) => make(raw)[name](...rest), `${name} ${rest} ${raw}`);
        continue;
      }
      const scale = 2 ** below(66);
      const number = pick([0, 1, -1, 127, 128, -128, -129, 255, 256, 65535, -32768, 2 ** 31, 2 ** 32 - 1, 2 ** 47 - 1, -(2 ** 47), (next() - 0.5) * scale, Math.round((next() - 0.5) * scale), NaN, Infinity, -0.5, 1.5]);
      const value = !name.includes('Big') ? number : pick([BigInt(Math.round((next() - 0.5) * scale)), 2n ** 63n, 2n ** 63n - 1n, -(2n ** 63n), -(2n ** 63n) - 1n, 2n ** 64n - 1n, 2n ** 64n, 0n]);
      same(({ Buffer }) => { const b = Buffer.alloc(10); return [b[name](value, ...rest), b]; }, `${name} ${value} ${rest}`);
    }
  }
});

test('numbers: every kind of argument', () => {
  for (const name of NUMBER_NAMES) {
    for (const value of ODD) {
      const what = `${name} ${util.inspect(value)}`;
      const [first, size] = name.startsWith('read') ? [[], [0]] : [[name.includes('Big') ? 5n : 5], [7, 0]];
      same(({ Buffer }) => Buffer.alloc(8, 200)[name](...first, value), what);
      same(({ Buffer }) => Buffer.alloc(8, 200)[name](...first, value, 2), what);
      same(({ Buffer }) => Buffer.alloc(8, 200)[name](...size, value), what);
      same(({ Buffer }) => Buffer.alloc(8, 200)[name](value, value, 3), what);
      same(({ Buffer }) => Buffer.alloc(0)[name](value, value, value), what);
      same(({ Buffer }) => Buffer.alloc(1)[name](...first, 0, 3), what);
    }
    same(({ Buffer }) => Buffer.alloc(8)[name](), name);
  }
});

test('as inspect shows them', () => {
  const cases = ({ Buffer }) => [
    Buffer.from('hi'), Buffer.alloc(0), Buffer.alloc(50), Buffer.alloc(51), Buffer.alloc(200), [Buffer.from('a')], { a: { b: { c: Buffer.from('deep') } } }, Object.assign(Buffer.from('hi'), { a: 1, 'b-c': 'x', [Symbol('s')]: 2 }),
    Object.assign(Buffer.alloc(0), { a: { b: [1, 2] } }), new Map([['k', Buffer.from('v')]]), Buffer.from('x').subarray(0, 1), Array.from({ length: 8 }, () => Buffer.alloc(20)), Object.assign(Buffer.alloc(60), { a: 1 }),
  ];
  const [mine, real] = [cases(ours), cases(theirs)];
  mine.forEach((value, index) => {
    for (const options of [undefined, { depth: 0 }, { breakLength: 40 }, { showHidden: true }, { maxArrayLength: 1 }, { customInspect: false }]) {
      // Hidden members of typed arrays are not listed by our `inspect`.
      if (options?.customInspect === false || (options?.showHidden && index !== 0)) continue;
      assert.equal(inspect(value, options), util.inspect(real[index], options), `case ${index}, ${JSON.stringify(options)}`);
      assert.equal(util.inspect(value, options), util.inspect(real[index], options), `case ${index} by Node, ${JSON.stringify(options)}`);
    }
  });
  same(({ Buffer }) => Buffer.from('hi').inspect());
  for (const value of ['x', -1, NaN, null]) same(({ lib }) => { lib.INSPECT_MAX_BYTES = value; }, String(value));
  for (const limit of [2, 0, Infinity, 50]) {
    same(({ lib, Buffer }) => { lib.INSPECT_MAX_BYTES = limit; return [lib.INSPECT_MAX_BYTES, Buffer.from('hello').inspect()]; });
  }
});

test('atob and btoa', () => {
  const { below, pick } = random(2);
  for (const value of ODD) {
    same(({ atob }) => atob(value), util.inspect(value));
    same(({ btoa }) => btoa(value), util.inspect(value));
  }
  same(({ atob }) => atob());
  same(({ btoa }) => btoa());
  for (let i = 0; i < 20000; i++) {
    const text = Array.from({ length: below(9) }, () => pick(['A', 'b', '=', ' ', '+', '9', '-', '\n', '\v', 'é', '€'])).join('');
    same(({ atob }) => atob(text), JSON.stringify(text));
    same(({ btoa }) => btoa(text), JSON.stringify(text));
  }
  const { DOMException } = globalThis;
  delete globalThis.DOMException;
  try {
    assert.throws(() => ourBuffer.atob('?'), error => error instanceof Error && error.name === 'InvalidCharacterError' && error.code === 5);
  } finally {
    Object.defineProperty(globalThis, 'DOMException', { value: DOMException, writable: true, configurable: true });
  }
});

test('transcode, isUtf8, isAscii', () => {
  const { bytes, below, pick } = random(9);
  for (const value of ODD) {
    same(({ transcode }) => transcode(value, 'utf8', 'ucs2'), util.inspect(value));
    same(({ isUtf8 }) => isUtf8(value), util.inspect(value));
    same(({ isAscii }) => isAscii(value), util.inspect(value));
  }
  const names = ['utf8', 'ucs2', 'utf16le', 'latin1', 'binary', 'ascii', 'hex', 'zz', undefined];
  for (const from of names) {
    for (const to of names) {
      // Half a unit of UTF-16 is dropped; Node makes of it what it likes.
      const texts = from === 'ucs2' || from === 'utf16le' ? [''] : ['', 'a', 'é', '€é', '😀', 'a😀'];
      for (const text of texts) same(({ transcode }) => transcode(Buffer.from(text), from, to), `${from} ${to} ${text}`);
      for (const text of ['a€é', '😀', '\ud800', 'a\udc00']) same(({ transcode }) => transcode(Buffer.from(text, 'ucs2'), 'ucs2', to), `${to} ${text}`);
    }
  }
  for (let i = 0; i < 500; i++) {
    const [raw, to] = [bytes(below(6)), pick(['utf8', 'ucs2', 'ascii', 'latin1'])];
    same(({ transcode }) => transcode(raw, 'latin1', to), `${raw} ${to}`);
  }
});

test('errors in the words of Node', async () => {
  // The same text makes the arguments on both sides; Node's constructors are internal, hence the flag.
  const makeCalls = `() => {
    const values = [null, undefined, 5, -0, NaN, 1.5, 'x', 'y'.repeat(28), 'y'.repeat(29), "it's", 'it\\'s "', 'a\\n'.repeat(20), () => 1, function foo() {}, class A {}, Symbol('q'), Symbol('q'.repeat(40)), 5n, 10n ** 40n, true, {}, [],
      Object.create(null), new (class {})(), new (class X {})(), new Date(0), { constructor: { name: 'Hm' } }, { constructor: {} }, { constructor: undefined, a: 1 }, 'z'.repeat(200),
      2 ** 32, 2 ** 32 + 1, -(2 ** 32) - 1, 1e21, -1e21, Infinity, 2n ** 32n, 2n ** 32n + 1n, -(2n ** 32n) - 1n];
    const expected = ['string', ['string', 'Buffer'], ['string', 'number', 'Buffer'], ['object', 'Buffer'], 'Object', ['Function', 'null'], ['boolean', 'string', 'number'], ['a', 'b'], ['a', 'b', 'c'], ['Array-like Object'], ['string', 'integer'],
      ['string', 'Buffer', 'ArrayBuffer', 'Array', 'Array-like Object'], ['Buffer', 'Uint8Array'], ['string', 'object', 'undefined'], 'EventEmitter', 'URL', 'v2'];
    const calls = [];
    for (const name of ['size', 'first argument', 'options.x', 'list[0]']) {
      for (const value of values) {
        for (const one of expected) calls.push(['ERR_INVALID_ARG_TYPE', name, one, value]);
        calls.push(['ERR_INVALID_ARG_VALUE', name, value], ['ERR_INVALID_ARG_VALUE', name, value, 'must be so']);
        if (value !== undefined) calls.push(['ERR_OUT_OF_RANGE', name, '>= 0', value]);
      }
    }
    return calls;
  }`;
  const show = 'error => [error.name, error.code, error.message, String(error), error.constructor.name, Object.keys(error)]';
  const script = `const { codes } = require('internal/errors'); console.log(JSON.stringify((${makeCalls})().map(([code, ...args]) => (${show})(new codes[code](...args)))))`;
  const real = JSON.parse(execFileSync(process.execPath, ['--expose-internals', '-e', script], { encoding: 'utf8', maxBuffer: 2 ** 26 }));
  const { invalidArgType, invalidArgValue, outOfRange } = await import('../../crates/whimbrel-script/js/node/errors.js');
  const makers = { ERR_INVALID_ARG_TYPE: invalidArgType, ERR_INVALID_ARG_VALUE: invalidArgValue, ERR_OUT_OF_RANGE: outOfRange };
  const calls = (0, eval)(makeCalls)();
  assert.equal(calls.length, real.length);
  calls.forEach(([code, ...args], index) => assert.deepEqual((0, eval)(show)(makers[code](...args)), real[index], util.inspect([code, ...args])));
});

test('works in an engine that has only the language', () => {
  const script = `
    for (const name of ['Buffer', 'TextEncoder', 'TextDecoder', 'atob', 'btoa', 'DOMException', 'URL', 'structuredClone', 'process', 'Intl', 'require']) delete globalThis[name];
    delete Error.captureStackTrace;
    const { default: { Buffer } } = await import(${JSON.stringify(import.meta.resolve('../../crates/whimbrel-script/js/node/buffer.js'))});
    const { default: { StringDecoder } } = await import(${JSON.stringify(import.meta.resolve('../../crates/whimbrel-script/js/node/string_decoder.js'))});
    const { TextDecoder, TextEncoder } = await import(${JSON.stringify(import.meta.resolve('../../crates/whimbrel-script/js/node/text_encoding.js'))});
    let code;
    try { Buffer.from(5); } catch (error) { code = error.code; }
    console.log(JSON.stringify([
      Buffer.from('hä€😀').toString('base64'), Buffer.from('aMOk', 'base64').toString(), Buffer.alloc(8).writeDoubleLE(1.5), new StringDecoder().end(Buffer.from([0xe2])),
      new TextDecoder().decode(new TextEncoder().encode('é')), code, Buffer.from('hi').inspect(),
    ]));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  assert.deepEqual(JSON.parse(output), ['aMOk4oKs8J+YgA==', 'hä', 8, '\ufffd', 'é', 'ERR_INVALID_ARG_TYPE', '<Buffer 68 69>']);
});

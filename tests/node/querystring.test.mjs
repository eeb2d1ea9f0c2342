// Whimbrel's `querystring` against `node:querystring`.
//
// Deviations that are kept on purpose (tested under "deviations"):
//
// | where | Node.js | Whimbrel | reason |
// | --- | --- | --- | --- |
// | half a surrogate pair in `escape` | an error only at the end; elsewhere one character with the next | an error | it has no UTF-8 |
// | a malformed value with characters beyond ASCII, behind a key with escapes | the characters are mangled | they stay | a slip of Node.js |

import assert from 'node:assert/strict';
import nodeQuery from 'node:querystring';
import test from 'node:test';
import util from 'node:util';
import query from '../../crates/whimbrel-script/js/node/querystring.js';
import { random } from './compare.mjs';

function outcome(call) {
  try {
    const value = call();
    return { value, prototype: value !== null && typeof value === 'object' ? Object.getPrototypeOf(value) : undefined };
  } catch (error) {
    return { name: error.name, code: error.code, message: error.constructor === TypeError && !error.code ? 'any' : error.message };
  }
}

const same = (name, ...args) =>
  assert.deepStrictEqual(outcome(() => query[name](...args)), outcome(() => nodeQuery[name](...args)), `${name}(${util.inspect(args)})`);

const TEXTS = [
  '', 'a', 'a=', '=a', '=', '&', '&&', 'a=1', 'a=1&b=2', 'a=1&a=2&a=3', 'a=1&&b=2', '&a=1&', 'a==b', 'a=b=c', 'a+b=c+d', '%20=%2B', 'a=%', 'a=%2', 'a=%zz', '%=%', 'a=%E4%BD%A0', 'a=%E4', 'a=%ff%00', 'é=日', '__proto__=1', 'constructor=1&hasOwnProperty=2', 'a=1;b=2', 'a:1;b:2', 'a=%26&b=%3D',
  'a=%u2603', 'a=1%3D2', '+', '+=+', 'a=+%2B+', '%61=%62', 'a&a&a=1', 'a=%F0%9F%98%80', 'a=\ud800', 'x=🙂', 'a=%C3%28', '%%%', 'a=b&%zz+y=+%', 'a=%e4%bd+%a0',
];

test('parse', () => {
  const options = [undefined, null, {}, { maxKeys: 1 }, { maxKeys: 0 }, { maxKeys: -1 }, { maxKeys: '1' }, { decodeURIComponent: text => `<${text}>` }, { decodeURIComponent: () => { throw new Error('no'); } }, { decodeURIComponent: 5 }, { decodeURIComponent: decodeURIComponent }];
  for (const text of TEXTS) {
    for (const [separator, equals] of [[], ['&', '='], [';', ':'], ['', ''], [null, null], ['&&', '=='], ['a', 'b'], [5, 1]]) {
      for (const option of options) {
        same('parse', text, separator, equals, option);
        same('decode', text, separator, equals, option);
      }
    }
  }
  for (const bad of [undefined, null, 5, {}, [], true, Symbol('s'), 5n, () => 1]) same('parse', bad);
  same('parse', Array.from({ length: 1200 }, (_, i) => `k${i}=v`).join('&'));
});

const OBJECTS = [
  {}, { a: 1 }, { a: 'x', b: 'y' }, { a: [] }, { a: [1, 2, 'x'] }, { a: [[1, 2]] }, { a: null, b: undefined, c: NaN, d: Infinity, e: -0, f: 1.5, g: 1e21, h: 1e-7 }, { a: true, b: false }, { a: 5n, b: -5n }, { a: {} }, { a: () => 1 }, { a: Symbol('s') }, { a: new Date(0) }, { 'a b': 'c d', 'é&': '=日+%' }, { a: "!'()*-._~" },
  { a: '🙂' }, { a: '\ud800' }, { '\udc00': 1 }, { a: ['\ud83d', 'x'] }, { '': '' }, { '': ['', null] }, ['x', 'y'], Object.create({ inherited: 1 }), new Map([[1, 2]]), { a: [], b: 1, c: [] }, { [Symbol('s')]: 1, b: 1 },
];

test('stringify', () => {
  for (const object of OBJECTS) {
    for (const [separator, equals] of [[], [';', ':'], ['', ''], [null, undefined], ['&amp;', '==']]) {
      for (const option of [undefined, null, {}, { encodeURIComponent: text => `<${text}>` }, { encodeURIComponent: 5 }, { encodeURIComponent: () => 'x' }]) {
        same('stringify', object, separator, equals, option);
        same('encode', object, separator, equals, option);
      }
    }
  }
  for (const bad of [undefined, null, 5, '', 'a', true, Symbol('s'), 5n, () => 1]) same('stringify', bad);
});

test('escape and unescape', () => {
  const values = [...TEXTS, undefined, null, 5, -0, true, 5n, {}, [], ['a b'], { toString: () => 'own &' }, new Date(0), () => 1, '\0\x7f\x80ÿĀ'];
  for (const value of values) {
    same('escape', value);
    same('unescape', value);
    if (typeof value === 'string') {
      assert.deepEqual(query.unescapeBuffer(value).toString('latin1'), nodeQuery.unescapeBuffer(value).toString('latin1'), value);
      assert.deepEqual(query.unescapeBuffer(value, true).toString('latin1'), nodeQuery.unescapeBuffer(value, true).toString('latin1'), value);
    }
  }
});

test('own escape and unescape are used', () => {
  for (const lib of [query, nodeQuery]) {
    const { escape, unescape } = lib;
    lib.escape = text => `[${text}]`;
    lib.unescape = text => `(${text})`;
    assert.equal(lib.stringify({ a: 'b' }), '[a]=[b]');
    assert.equal(lib.parse('%61=%62')['(%61)'], '(%62)');
    Object.assign(lib, { escape, unescape });
  }
});

test('10,000 random texts', () => {
  const { below, pick } = random(404);
  const pieces = ['a', 'b', '=', '=', '&', '&', '+', '%', '%2', '%20', '%2B', '%E4%BD%A0', '%ff', ';', '1', ' '];
  for (let i = 0; i < 10000; i++) {
    const text = Array.from({ length: below(12) }, () => pick(pieces)).join('');
    same('parse', text);
    same('unescape', text);
    same('escape', text);
    same('parse', text, pick(['&', ';', 'a']), pick(['=', '+', 'b']), pick([undefined, { maxKeys: 2 }, { decodeURIComponent: decodeURIComponent }]));
    same('stringify', { [text]: pick([text, [text, 1], below(100)]) });
  }
});

test('deviations', () => {
  const error = { name: 'URIError', code: 'ERR_INVALID_URI', message: 'URI malformed' };
  assert.throws(() => query.escape('\ud800a'), error);
  assert.throws(() => query.escape('a\ud800'), error);
  assert.throws(() => nodeQuery.escape('a\ud800'), error);
  assert.equal(query.parse('%20=%;é')[' '], '%;é');
});

test('the shape of the module', () => {
  assert.deepEqual(Object.keys(query).sort(), Object.keys(nodeQuery).sort());
});

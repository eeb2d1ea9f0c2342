// The module `bson` as a whole: its exports, and the functions that make and read bytes.
//
// Rust converts values; here the npm package does it in its place, so what is compared is everything around the conversion.
//
// Deviations that are kept on purpose:
//
// | where | npm package | Whimbrel | reason |
// | --- | --- | --- | --- |
// | `onDemand` | experimental | absent | nobody's migration needs a lazy parser |
// | `deserialize`: `raw`, `fieldsAsRaw`, `validation.utf8` for single fields | honoured | not told apart | such bytes are for those who write drivers |

import assert from 'node:assert/strict';
import test from 'node:test';
import * as theirs from 'bson';
import { bsonModule as ours, mongodbModule, useFacade } from '../../crates/whimbrel-script/js/driver/index.js';
import { outcome, random, same } from './compare.mjs';
import { FLAGS, toOurs } from './facade-ops.mjs';

const has = (flags, name) => (flags & FLAGS[name]) !== 0;
useFacade({
  serialize: (value, flags) => new Uint8Array(theirs.serialize(value, { checkKeys: has(flags, 'checkKeys'), serializeFunctions: has(flags, 'serializeFunctions'), ignoreUndefined: has(flags, 'ignoreUndefined') })),
  deserialize: (bytes, flags) => toOurs(theirs.deserialize(bytes, {
    promoteLongs: !has(flags, 'keepLongs'), promoteValues: !has(flags, 'keepValues'), useBigInt64: has(flags, 'useBigInt64'), promoteBuffers: has(flags, 'promoteBuffers'), bsonRegExp: has(flags, 'bsonRegExp'), validation: { utf8: !has(flags, 'looseUtf8') },
  })),
}, { database: 'none' });
const check = (call, what) => same(ours, theirs, call, what);

test('exports', () => {
  const names = Object.keys(theirs).filter(name => name !== 'onDemand' && name !== 'default').sort();
  assert.deepEqual(Object.keys(ours).sort(), names);
  assert.deepEqual(Object.keys(ours.BSON).sort(), names.filter(name => name !== 'BSON'));
  assert.ok(Object.isFrozen(ours.BSON));
  assert.equal(mongodbModule.BSON, ours.BSON);
  assert.equal(ours.BSON.ObjectId, mongodbModule.ObjectId);
});

test('serialize', () => {
  const roots = [
    null, undefined, [1], 5, 'x', true, 5n, Symbol('x'), () => 1, new Date(0), /x/, new Uint8Array(2), new ArrayBuffer(2), new Map([['a', 1]]), new Set([1]), {}, { a: 1 }, { a: undefined }, { a: null }, { f() {} }, { a: { b: undefined } }, Object.create({ a: 1 }),
    { toBSON: () => ({ b: 1 }) }, { toBSON: () => 5 }, { toBSON: () => [1] }, { a: { toBSON: () => undefined } },
  ];
  for (const root of roots) {
    for (const options of [undefined, {}, { ignoreUndefined: false }, { serializeFunctions: true }, { checkKeys: true }]) {
      check(lib => lib.serialize(root, options), `serialize ${String(root)} ${JSON.stringify(options)}`);
      if (Object.getPrototypeOf(Object(root)) === Object.prototype && !root?.toBSON) check(lib => lib.calculateObjectSize(root, options), `size of ${String(root)} ${JSON.stringify(options)}`);
    }
  }
  for (const name of ['ObjectId', 'MinKey']) check(lib => lib.serialize(new lib[name]()));
  check(lib => lib.serialize({ $a: 1 }, { checkKeys: true }));
  check(lib => lib.serialize({ 'a.b': 1 }, { checkKeys: true }));
  check(lib => { const buffer = new Uint8Array(40); return [lib.serializeWithBufferAndIndex({ a: 1 }, buffer), lib.serializeWithBufferAndIndex({ b: 2 }, buffer, { index: 20 }), buffer]; });
  check(lib => lib.serializeWithBufferAndIndex({ a: 1 }, new Uint8Array(3)));
  check(lib => lib.calculateObjectSize([1, 2]));
  check(lib => lib.setInternalBufferSize(100));
});

test('deserialize', () => {
  const good = theirs.serialize({ a: 1, b: 'x', l: theirs.Long.fromNumber(7) });
  const changed = (at, value) => Uint8Array.from(good, (byte, index) => (index === (at + good.length) % good.length ? value : byte));
  const two = Uint8Array.from([...good, ...good]);
  const inputs = { good, copy: Uint8Array.from(good), array: [...good], view: new DataView(good.slice().buffer), short: good.subarray(0, 10), empty: new Uint8Array(0), three: Uint8Array.of(5, 0, 0), zero: new Uint8Array(8), none: null, missing: undefined, text: 'x', two, end: changed(-1, 1), type: changed(4, 0x77), large: changed(0, 200), negative: changed(3, 255) };
  const settings = [undefined, {}, { index: 0 }, { index: good.length }, { allowObjectSmallerThanBufferSize: true }, { allowObjectSmallerThanBufferSize: true, index: good.length }, { promoteValues: false }, { promoteLongs: false }, { useBigInt64: true }, { useBigInt64: true, promoteLongs: false }, { useBigInt64: true, promoteValues: false }, { validation: { utf8: false } }, { validation: { utf8: {} } }, { validation: { utf8: { a: true, b: false } } }, { validation: { utf8: 5 } }, { validation: {} }];
  for (const [name, input] of Object.entries(inputs)) {
    for (const options of settings) check(lib => lib.deserialize(input, options), `deserialize ${name} ${JSON.stringify(options)}`);
    for (const [start, count, at] of [[0, 1, 0], [0, 2, 0], [0, 2, 1], [0, 3, 0], [good.length, 1, 0]]) {
      check(lib => { const documents = []; return [lib.deserializeStream(input, start, count, documents, at, { promoteValues: false }), documents.length, documents[at]]; }, `deserializeStream ${name} ${[start, count, at]}`);
    }
  }
  const invalid = theirs.serialize({ a: 'xyz' });
  invalid[invalid.length - 4] = 0xff;
  check(lib => lib.deserialize(invalid));
  check(lib => lib.deserialize(invalid, { validation: { utf8: false } }));
});

test('ByteUtils and NumberUtils', () => {
  assert.deepEqual(Object.keys(ours.ByteUtils).sort(), Object.keys(theirs.ByteUtils).sort());
  assert.deepEqual(Object.keys(ours.NumberUtils).sort(), Object.keys(theirs.NumberUtils).sort());
  const { bytes, pick, below } = random(7);
  const on = (name, ...args) => check(lib => lib.ByteUtils[name](...args), `${name}(${args.map(String)})`);
  const texts = ['', 'abc', 'hä', '日本', '𝄞', '\ufffd', 'a\0b', 'x'.repeat(300)];
  for (const text of texts) for (const name of ['fromUTF8', 'utf8ByteLength', 'fromBase64', 'fromHex', 'fromISO88591']) on(name, text);
  for (let i = 0; i < 200; i++) {
    const [one, two] = [bytes(below(12)), bytes(below(12))];
    for (const name of ['toBase64', 'toHex', 'toISO88591', 'isUint8Array', 'toLocalBufferType']) on(name, one);
    on('compare', one, two);
    on('equals', one, pick([two, Uint8Array.from(one)]));
    on('concat', [one, two, one]);
    on('toUTF8', one, 0, one.length, false);
    on('fromNumberArray', [...one]);
    check(lib => { const target = new Uint8Array(16); return [lib.ByteUtils.copy(two, target, 2, Math.min(1, two.length)), target]; });
    const word = pick(['ab', 'hä']);
    check(lib => { const target = new Uint8Array(48); return [lib.ByteUtils.encodeUTF8Into(target, word, 1), target.length]; });
    check(lib => lib.ByteUtils.swap32(Uint8Array.from(two.subarray(0, 8))));
    const wide = Uint8Array.from([...bytes(16)]);
    for (const name of ['getInt32LE', 'getUint32LE', 'getUint32BE', 'getBigInt64LE', 'getFloat64LE', 'getNonnegativeInt32LE']) check(lib => lib.NumberUtils[name](wide, 3), name);
    for (const [name, value] of [['setInt32BE', -5], ['setInt32LE', 77], ['setBigInt64LE', 12345678901234n], ['setFloat64LE', 1.5]]) check(lib => { const target = new Uint8Array(16); return [lib.NumberUtils[name](target, 3, value), target]; }, name);
  }
  for (const text of texts) { const raw = new TextEncoder().encode(text); check(lib => lib.ByteUtils.toUTF8(raw, 0, raw.length, true), text); }
  for (const raw of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0x61, 0xff, 0x62]]) for (const fatal of [true, false]) check(lib => lib.ByteUtils.toUTF8(Uint8Array.from(raw), 0, raw.length, fatal), `${raw} ${fatal}`);
  assert.equal(outcome(() => ours.ByteUtils.randomBytes(5)).value.items.length, 5);
});

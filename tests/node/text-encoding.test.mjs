// Whimbrel's `TextEncoder` and `TextDecoder` against those of the Node.js that runs this.
//
// Deviations that are kept on purpose:
//
// | where | Node.js 20 | Whimbrel | reason |
// | --- | --- | --- | --- |
// | windows-1252 (also "latin1", "ascii"), 0x80 to 0x9f | control characters, since 20.18.3 | `€` and so on | the standard; a mistake that Node has mended since |
// | encodings of other scripts (Shift_JIS, KOI8-R, …) | decoded | `ERR_ENCODING_NOT_SUPPORTED` | large tables for rare use |
// | a fatal UTF-16 stream after its error | goes on somewhere | begins anew | as UTF-8 does |

import assert from 'node:assert/strict';
import test from 'node:test';
import util from 'node:util';
import { inspect } from '../../crates/whimbrel-script/js/inspect.js';
import { useHost } from '../../crates/whimbrel-script/js/node/host.js';
import * as ours from '../../crates/whimbrel-script/js/node/text_encoding.js';
import { random } from './compare.mjs';

const theirs = { TextEncoder, TextDecoder };
const HOSTS = {
  'in JavaScript': {},
  'through the host': { utf8Encode: text => new Uint8Array(Buffer.from(text)), utf8Decode: bytes => Buffer.from(bytes).toString() },
};

const plain = value => (ArrayBuffer.isView(value) ? `${value.constructor.name} ${Array.from(value)}` : value);

function outcome(call, library) {
  try {
    return { value: plain(call(library)) };
  } catch (error) {
    const isEngines = error.code === undefined;
    return { error: error.name, code: error.code, message: isEngines ? 'any' : error.message };
  }
}

function same(call, what = '') {
  assert.deepEqual(outcome(call, ours), outcome(call, theirs), `${call} ${what}`);
}

const ODD = [undefined, null, 0, 5, 5n, '', 'x', 'é€😀', '\ud800', 'a\udc00', true, {}, [65], Symbol('s'), () => 1, new Date(0), new ArrayBuffer(2), new SharedArrayBuffer(2), new Uint8Array(3), new Uint16Array([65]), new DataView(new ArrayBuffer(2))];

test('arguments', () => {
  for (const value of ODD) {
    const what = util.inspect(value);
    same(({ TextEncoder }) => new TextEncoder().encode(value), what);
    same(({ TextEncoder }) => new TextEncoder().encodeInto(value, new Uint8Array(4)), what);
    same(({ TextEncoder }) => new TextEncoder().encodeInto('aé€', value), what);
    same(({ TextDecoder }) => new TextDecoder().decode(value), what);
    same(({ TextDecoder }) => new TextDecoder('utf-16le').decode(new Uint8Array([65, 0]), value === null ? undefined : {}), what);
    same(({ TextDecoder }) => new TextDecoder(value).encoding, what);
    same(({ TextDecoder }) => { const { fatal, ignoreBOM } = new TextDecoder('utf-8', value); return [fatal, ignoreBOM]; }, what);
    for (const member of ['encoding', 'fatal', 'ignoreBOM']) same(({ TextDecoder }) => Reflect.get(TextDecoder.prototype, member, value), what);
    same(({ TextDecoder }) => TextDecoder.prototype.decode.call(value, new Uint8Array(1)), what);
    same(({ TextEncoder }) => TextEncoder.prototype.encode.call(value, 'a'), what);
  }
  same(({ TextEncoder }) => TextEncoder());
  same(({ TextDecoder }) => TextDecoder());
  same(({ TextEncoder }) => [Object.keys(TextEncoder.prototype), String(new TextEncoder()), new TextEncoder().encoding, new TextEncoder().encode()].map(String));
  same(({ TextDecoder }) => [Object.keys(TextDecoder.prototype).sort(), String(new TextDecoder())].map(String));
  same(({ TextDecoder }) => { const { fatal, ignoreBOM } = new TextDecoder('utf8', { fatal: 1, ignoreBOM: 'x' }); return [fatal, ignoreBOM]; });
});

test('labels', () => {
  const labels = [
    'utf8', 'UTF-8', ' utf-8 ', 'unicode-1-1-utf-8', 'unicode11utf8', 'unicode20utf8', 'x-unicode20utf8', 'utf-16', 'utf-16le', 'UTF-16BE', 'ucs-2', 'unicode', 'iso-10646-ucs-2', 'csunicode', 'unicodefeff', 'unicodefffe', 'latin1', 'l1', 'ascii',
    'us-ascii', 'iso-8859-1', 'iso8859-1', 'windows-1252', 'cp1252', 'x-cp1252', 'iso_8859-1:1987', 'iso_8859-1', 'iso88591', 'iso-ir-100', 'csisolatin1', 'cp819', 'ibm819', 'ansi_x3.4-1968', 'binary', 'utf-7', '\u00a0utf-8', 'utf\t-8', '\n\tutf-8\f\r', 'ucs2',
  ];
  for (const label of labels) same(({ TextDecoder }) => new TextDecoder(label).encoding, label);
  assert.throws(() => new ours.TextDecoder('shift_jis'), { name: 'RangeError', code: 'ERR_ENCODING_NOT_SUPPORTED' });
});

test('as inspect shows them', () => {
  for (const options of [undefined, { depth: 0 }, { depth: -1 }, { depth: 1 }, { breakLength: 20 }]) {
    for (const name of ['TextEncoder', 'TextDecoder']) {
      for (const wrap of [value => value, value => ({ a: { b: value } })]) {
        assert.equal(inspect(wrap(new ours[name]()), options), util.inspect(wrap(new theirs[name]()), options), `${name} ${JSON.stringify(options)}`);
      }
    }
  }
});

test('windows-1252 is that of the standard', () => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const text = new ours.TextDecoder('latin1').decode(all);
  assert.equal(text.length, 256);
  assert.equal(text.slice(0x80, 0xa0), '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ');
  // The other bytes, in Node as well.
  const others = all.filter(byte => byte < 0x80 || byte >= 0xa0);
  for (const label of ['latin1', 'ascii', 'windows-1252']) {
    for (const fatal of [false, true]) same(({ TextDecoder }) => new TextDecoder(label, { fatal }).decode(others));
  }
  same(({ TextDecoder }) => new TextDecoder('latin1').decode(Uint8Array.of(0xef, 0xbb, 0xbf, 65)));
  same(({ TextDecoder }) => { const d = new TextDecoder('latin1'); return [d.decode(Uint8Array.of(0xe9), { stream: true }), d.decode(Uint8Array.of(0xe9)), d.decode()]; });
});

for (const [how, native] of Object.entries(HOSTS)) {
  test(`encoding, ${how}`, () => {
    useHost(native);
    const { below, pick } = random(8);
    const units = ['a', 'é', '€', '\ud83d', '\ude00', '😀', '\0', '\uffff', '\ufeff'];
    for (let i = 0; i < 5000; i++) {
      const text = Array.from({ length: below(100) }, () => pick(units)).join('');
      same(({ TextEncoder }) => new TextEncoder().encode(text), JSON.stringify(text));
      const room = below(60);
      same(({ TextEncoder }) => { const dest = new Uint8Array(room); return [JSON.stringify(new TextEncoder().encodeInto(text, dest)), plain(dest)]; }, `${JSON.stringify(text)} ${room}`);
      same(({ TextEncoder }) => new TextEncoder().encodeInto(text, new Uint8Array(300).subarray(7, 7 + room)), JSON.stringify(text));
    }
    useHost({});
  });

  test(`decoding in pieces, ${how}`, () => {
    useHost(native);
    const { below, pick } = random(6);
    const edges = [0x41, 0, 0x80, 0xbf, 0xc2, 0xe0, 0xe2, 0x82, 0xac, 0xed, 0xa0, 0xf0, 0x9f, 0x98, 0xf4, 0x90, 0xff, 0xfe, 0xd8, 0xdc, 0xde, 0x3d, 0xef, 0xbb, 0xbf];
    for (let i = 0; i < 20000; i++) {
      const encoding = pick(['utf-8', 'utf-16le', 'utf-16be']);
      const options = { fatal: below(3) === 0, ignoreBOM: below(2) === 0 };
      const longest = pick([4, 7, 80]);
      const pieces = Array.from({ length: 1 + below(5) }, () => [Uint8Array.from({ length: below(longest) }, () => pick(edges)), below(3) > 0]);
      same(({ TextDecoder }) => {
        const decoder = new TextDecoder(encoding, options);
        const texts = [];
        for (const [bytes, stream] of pieces) {
          const result = outcome(() => decoder.decode(bytes, { stream }), {});
          texts.push(result);
          if (result.error !== undefined && encoding !== 'utf-8') return JSON.stringify(texts);
        }
        return JSON.stringify([...texts, outcome(() => decoder.decode(), {})]);
      }, JSON.stringify([encoding, options, pieces.map(([bytes, stream]) => [Array.from(bytes), stream])]));
    }
    const mark = Uint8Array.of(0xef, 0xbb, 0xbf);
    same(({ TextDecoder }) => { const d = new TextDecoder(); return JSON.stringify([d.decode(mark, { stream: true }), d.decode(mark), d.decode(mark), d.decode()]); });
    same(({ TextDecoder }) => new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from('\ufffd is there by right'.repeat(5))));
    useHost({});
  });
}

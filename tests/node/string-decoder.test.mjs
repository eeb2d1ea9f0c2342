// Whimbrel's `string_decoder` against the one of the Node.js that runs this: every piece, and what is held back.
//
// One deviation is kept: `inspect` of a decoder shows its encoding only, not Node's block of native state.

import assert from 'node:assert/strict';
import nodeModule from 'node:string_decoder';
import test from 'node:test';
import util from 'node:util';
import ourModule from '../../crates/whimbrel-script/js/node/string_decoder.js';
import { random } from './compare.mjs';

const ENCODINGS = ['utf8', 'utf16le', 'base64', 'base64url', 'hex', 'latin1', 'ascii'];

function outcome(call, { StringDecoder }) {
  try {
    return { value: call(StringDecoder) };
  } catch (error) {
    const isEngines = error.code === undefined;
    return { error: error.name, code: error.code, message: isEngines ? 'any' : error.message };
  }
}

function same(call, what = '') {
  assert.deepEqual(outcome(call, ourModule), outcome(call, nodeModule), `${call} ${what}`);
}

// What is held back: only the bytes that are there count, the rest is left over from before.
const held = decoder => {
  const { lastNeed, lastTotal, lastChar } = decoder;
  return [lastNeed, lastTotal, Array.from(lastChar.subarray(0, lastTotal - lastNeed)), lastChar.length];
};

function inPieces(encoding, pieces) {
  return StringDecoder => {
    const decoder = new StringDecoder(encoding);
    const written = pieces.map(piece => [decoder.write(Uint8Array.from(piece)), held(decoder)]);
    return [written, decoder.end(), held(decoder), decoder.end()];
  };
}

test('the module, encodings and arguments', () => {
  assert.deepEqual(Object.keys(ourModule), Object.keys(nodeModule));
  same(StringDecoder => [StringDecoder.name, StringDecoder.length, Object.keys(StringDecoder.prototype)]);
  const odd = [undefined, null, '', 'utf8', 'UTF-8', 'ucs2', 'UCS-2', 'utf-16le', 'binary', 'latin1', 'Hex', 'base64url', 'zz', 5, 0, false, {}, [], Symbol('s'), new Date(0), 5n];
  for (const value of odd) {
    same(StringDecoder => new StringDecoder(value).encoding, util.inspect(value));
    same(StringDecoder => Object.keys(new StringDecoder('utf8')));
    for (const method of ['write', 'end']) same(StringDecoder => new StringDecoder()[method](value), util.inspect(value));
  }
  for (const view of [new Uint16Array([0x6261]), new DataView(new ArrayBuffer(2)), Buffer.from('é'), new ArrayBuffer(2), [65]]) {
    for (const method of ['write', 'end']) same(StringDecoder => new StringDecoder()[method](view), util.inspect(view));
  }
  same(StringDecoder => StringDecoder('utf8'));
  same(StringDecoder => StringDecoder.prototype.write.call({}, Buffer.from('a')));
  same(StringDecoder => { const own = Object.create(StringDecoder.prototype); StringDecoder.call(own, 'hex'); return own.write(Buffer.from('a')); });
  same(StringDecoder => { class Sub extends StringDecoder {} return new Sub('hex').end(Buffer.from('a')); });
});

test('sequences cut in every place', () => {
  const samples = ['aé€😀z', '\ud800', 'x\ufeffy', '😀😀'].map(text => [Buffer.from(text), Buffer.from(text, 'utf16le')]).flat();
  samples.push([0xe2, 0x82], [0xe0, 0x80, 0x80], [0xf0, 0x9f, 0x41, 0x42], [0xc0], [0xf5, 0x80], [0xff, 0xfe], [0x80, 0x80, 0x80, 0x80], [0xed, 0xa0, 0x80], [0x3d, 0xd8, 0x41, 0], [0x3d, 0xd8, 0x3d]);
  for (const encoding of ENCODINGS) {
    for (const sample of samples) {
      for (let first = 0; first <= sample.length; first++) {
        for (let second = first; second <= sample.length; second++) {
          const pieces = [sample.slice(0, first), sample.slice(first, second), sample.slice(second)];
          same(inPieces(encoding, pieces), JSON.stringify([encoding, pieces]));
        }
      }
      same(inPieces(encoding, Array.from(sample, byte => [byte])), `${encoding} ${sample} byte by byte`);
    }
  }
});

test('random pieces', () => {
  const { below, pick } = random(4);
  const edges = [0x41, 0, 0x80, 0xbf, 0xc0, 0xc2, 0xe0, 0xe2, 0x82, 0xac, 0xed, 0xa0, 0xf0, 0x9f, 0x98, 0xf4, 0xf5, 0xff, 0xd8, 0xdc, 0xde, 0x3d];
  for (let i = 0; i < 20000; i++) {
    const encoding = pick(ENCODINGS);
    const pieces = Array.from({ length: 1 + below(6) }, () => Array.from({ length: below(6) }, () => pick(edges)));
    same(inPieces(encoding, pieces), JSON.stringify([encoding, pieces]));
  }
});

test('strings between pieces, end with a piece, text, use after end', () => {
  for (const encoding of ENCODINGS) {
    same(StringDecoder => { const d = new StringDecoder(encoding); return [d.write(Buffer.of(0xe2)), d.write('x'), held(d), d.end('y'), d.end()]; }, encoding);
    same(StringDecoder => { const d = new StringDecoder(encoding); return [d.write(Buffer.of(0xe2)), d.end(Buffer.of(0x82)), d.write(Buffer.of(0xac, 0x41)), d.end()]; }, encoding);
    same(StringDecoder => { const d = new StringDecoder(encoding); return [d.write(Buffer.of(0xe2)), d.text(Buffer.of(0x41, 0x42, 0x43), 1), d.end()]; }, encoding);
  }
});

// The same files in an engine that has only the language: no `Buffer`, `TextDecoder`, `atob` or `crypto`.
//
// The names are taken away before anything is loaded, as QuickJS would have it. This file runs in a process
// of its own, so nobody else misses them.

import assert from 'node:assert/strict';
import test from 'node:test';

const NAMES = ['Buffer', 'TextEncoder', 'TextDecoder', 'atob', 'btoa', 'crypto', 'process', 'WebAssembly', 'structuredClone', 'require'];

async function loadBare() {
  const saved = NAMES.map(name => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
  for (const name of NAMES) delete globalThis[name];
  try {
    const types = await import('../../crates/whimbrel-script/js/bson/index.js');
    const { EJSON } = await import('../../crates/whimbrel-script/js/ejson.js');
    const { inspect, format } = await import('../../crates/whimbrel-script/js/inspect.js');
    return run({ ...types, EJSON, inspect, format });
  } finally {
    for (const [name, descriptor] of saved) if (descriptor) Object.defineProperty(globalThis, name, descriptor);
  }
}

function run(lib) {
  const made = {
    id: new lib.ObjectId('65f0a1b2c3d4e5f601234567'), long: lib.Long.fromString('9007199254740993'), decimal: new lib.Decimal128('1.50'), binary: new lib.Binary([104, 195, 164], 0), uuid: new lib.UUID('a'.repeat(32)),
    stamp: new lib.Timestamp({ t: 1, i: 2 }),
  };
  const text = lib.EJSON.stringify(made, { relaxed: false });
  return {
    text,
    back: lib.EJSON.stringify(lib.EJSON.parse(text, { relaxed: false }), { relaxed: false }),
    shown: lib.inspect(made),
    line: lib.format('%s: %d %j', 'a', 5, [1]),
    kinds: [made.binary.buffer, made.id.id, made.decimal.bytes, new lib.ObjectId().id, new lib.UUID().buffer, lib.Binary.createFromBase64('YQ==').buffer].map(bytes => bytes.constructor.name),
    utf8: made.binary.toString(),
    base64: made.binary.toString('base64'),
  };
}

test('everything works on plain Uint8Arrays', async () => {
  const result = await loadBare();
  assert.equal(result.text, result.back);
  assert.deepEqual(new Set(result.kinds), new Set(['Uint8Array']));
  assert.deepEqual([result.utf8, result.base64, result.line], ['hä', 'aMOk', 'a: 5 [1]']);
  assert.equal(
    result.shown,
    `{
  id: new ObjectId('65f0a1b2c3d4e5f601234567'),
  long: new Long('9007199254740993'),
  decimal: new Decimal128('1.50'),
  binary: Binary.createFromBase64('aMOk', 0),
  uuid: new UUID('aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa'),
  stamp: new Timestamp({ t: 1, i: 2 })
}`
  );
});

// What both sides compute: conversions of random values, as lines of text.

import { BSON } from 'bson';
import * as generate from './generate.js';

const WRITE = [{}, { ignoreUndefined: true }, { serializeFunctions: true }, { checkKeys: true }, { ignoreUndefined: true, serializeFunctions: true, checkKeys: true }];
const READ = [
  {}, { promoteLongs: false }, { promoteValues: false }, { useBigInt64: true }, { promoteBuffers: true }, { bsonRegExp: true }, { raw: true }, { validation: { utf8: false } },
  { promoteValues: false, promoteBuffers: true, bsonRegExp: true },
];
/** Rules of the language itself, where the engine's words differ, count by class only. */
const OWN_WORDS = new Set(['TypeError', 'RangeError', 'SyntaxError']);

const hex = bytes => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');

function attempt(call) {
  try {
    return call();
  } catch (error) {
    return OWN_WORDS.has(error.name) ? error.name : `${error.name}: ${error.message}`;
  }
}

/** A read value as text: the classes it is made of, which bytes alone do not show. */
function shape(value, depth = 0) {
  if (depth > 8) return '…';
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : `n${value}`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(item => shape(item, depth + 1)).join(',')}]`;
  if (value instanceof Date) return `date ${value.getTime()}`;
  if (value instanceof RegExp) return `regexp ${value.source} ${value.flags}`;
  const name = Object.getPrototypeOf(value)?.constructor?.name;
  if (ArrayBuffer.isView(value)) return `${name} ${hex(value)}`;
  if (typeof value._bsontype === 'string') return `${name} ${attempt(() => hex(BSON.serialize({ v: value })))}`;
  return `{${Object.keys(value).map(key => `${JSON.stringify(key)}:${shape(value[key], depth + 1)}`).join(',')}}`;
}

/** One line for each conversion. */
export function lines(from, to) {
  const all = [];
  for (let seed = from; seed < to; seed++) {
    WRITE.forEach((options, index) => {
      const made = generate.document(generate.random(seed));
      all.push(`${seed} write ${index} ${attempt(() => hex(BSON.serialize(made, options)))}`);
    });
    const [plain, any, damaged] = [{ plain: true }, {}, { damage: true }].map(kind => generate.bson(generate.random(seed), kind));
    for (const [name, bytes] of Object.entries({ plain, any, damaged })) {
      READ.forEach((options, index) => {
        if (name === 'damaged' && index > 0) return;
        const read = attempt(() => BSON.deserialize(bytes, options));
        const text = typeof read === 'string' ? read : shape(read);
        all.push(`${seed} ${name} ${index} ${text}`);
        if (typeof read !== 'string') all.push(`${seed} ${name} ${index} again ${attempt(() => hex(BSON.serialize(read)))}`);
      });
    }
  }
  return all;
}

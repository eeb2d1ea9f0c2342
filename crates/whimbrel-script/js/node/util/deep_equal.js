// Deep equality, loose (`assert.deepEqual`) and strict (`assert.deepStrictEqual`, `util.isDeepStrictEqual`).
//
// Strict wants the same prototypes, tells 0 from -0 and looks at enumerable symbols; loose compares primitives
// with `==`. Circles are equal if nothing on the way round differs, however often it takes to close them.

import types from './types.js';

const tagOf = value => Object.prototype.toString.call(value);
const isEnumerable = (value, key) => Object.prototype.propertyIsEnumerable.call(value, key);
const isIndex = key => /^(?:0|[1-9][0-9]{0,9})$/.test(key) && Number(key) < 2 ** 32 - 1;

// Kinds that are compared by content. Both values have to be of the same kind, or of none.
const KINDS = [
  { is: types.isDate, same: (a, b) => Date.prototype.getTime.call(a) === Date.prototype.getTime.call(b) },
  { is: types.isRegExp, same: (a, b) => a.source === b.source && a.flags === b.flags && a.lastIndex === b.lastIndex },
  { is: types.isNativeError, same: sameErrors },
  { is: types.isArrayBufferView, same: sameViews },
  { is: types.isSet, same: sameSets },
  { is: types.isMap, same: sameMaps },
  { is: types.isAnyArrayBuffer, same: (a, b) => sameBytes(new Uint8Array(a), new Uint8Array(b)) },
  { is: types.isBoxedPrimitive, same: sameBoxed },
  // Whoever made it: the class keeps its parts where nobody can see them.
  { is: value => tagOf(value) === '[object URL]' && typeof value.href === 'string', same: (a, b) => a.href === b.href },
];

// Asking for the kind is costly, and most objects are of none.
function kindOf(value) {
  if (Array.isArray(value) || (tagOf(value) === '[object Object]' && !(Symbol.toStringTag in value))) return undefined;
  return KINDS.find(({ is }) => is(value));
}

/** Loose equality. */
export function isDeepEqual(a, b) {
  return equal(a, b, { isStrict: false, open: new Set() });
}

/** Strict equality. */
export function isDeepStrictEqual(a, b) {
  return equal(a, b, { isStrict: true, open: new Set() });
}

function equal(a, b, walk) {
  if (a === b) return a !== 0 || !walk.isStrict || Object.is(a, b);
  const isPlain = value => value === null || typeof value !== 'object';
  if (isPlain(a) || isPlain(b)) {
    if (Number.isNaN(a) && Number.isNaN(b)) return true;
    return !walk.isStrict && isPlain(a) && isPlain(b) && a == b;
  }
  if (walk.isStrict && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  return tagOf(a) === tagOf(b) && equalObjects(a, b, walk);
}

function equalObjects(a, b, walk) {
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const kind = kindOf(a);
  if (kind !== kindOf(b)) return false;
  if (Array.isArray(a) && a.length !== b.length) return false;

  // Both are back at values whose comparison is not over: nothing new can come of it.
  const { open } = walk;
  const added = [a, b].filter(value => !open.has(value));
  if (added.length === 0) return true;

  for (const value of added) open.add(value);
  const isEqual = (kind === undefined || kind.same(a, b, walk)) && sameProperties(a, b, walk);
  for (const value of added) open.delete(value);
  return isEqual;
}

// The keys that count. Items of typed arrays and boxed strings are compared as a whole already.
function keysOf(value, isStrict) {
  const isListed = ArrayBuffer.isView(value) || tagOf(value) === '[object String]';
  const names = Object.keys(value);
  const symbols = isStrict ? Object.getOwnPropertySymbols(value).filter(symbol => isEnumerable(value, symbol)) : [];
  return [...(isListed ? names.filter(name => !isIndex(name)) : names), ...symbols];
}

function sameProperties(a, b, walk) {
  const keys = keysOf(a, walk.isStrict);
  if (keys.length !== keysOf(b, walk.isStrict).length) return false;
  if (!keys.every(key => isEnumerable(b, key))) return false;
  return keys.every(key => equal(a[key], b[key], walk));
}

function sameErrors(a, b, walk) {
  if (a.message !== b.message || a.name !== b.name) return false;
  return equal(a.cause, b.cause, walk) && equal(a.errors, b.errors, walk);
}

function sameBytes(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function sameViews(a, b, { isStrict }) {
  if (a.byteLength !== b.byteLength) return false;
  if (!isStrict && (types.isFloat32Array(a) || types.isFloat64Array(a))) return a.every((item, i) => item === b[i]);
  const bytes = view => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  return sameBytes(bytes(a), bytes(b));
}

function sameBoxed(a, b) {
  const kind = [Number, String, Boolean, BigInt, Symbol].find(Class => types[`is${Class.name}Object`](a));
  return types[`is${kind.name}Object`](b) && Object.is(kind.prototype.valueOf.call(a), kind.prototype.valueOf.call(b));
}

function sameSets(a, b, walk) {
  if (a.size !== b.size) return false;
  const isObject = value => typeof value === 'object' && value !== null;
  // What is in both as it stands has its partner; of the rest each needs one that is deeply equal.
  const rest = [...a].filter(item => isObject(item) || !b.has(item));
  if (walk.isStrict && !rest.every(isObject)) return false;
  const partners = [...b].filter(item => isObject(item) || !a.has(item));
  return rest.length === partners.length && pairUp(partners, rest, (item, other) => equal(other, item, walk));
}

function sameMaps(a, b, walk) {
  if (a.size !== b.size) return false;
  const isObject = value => typeof value === 'object' && value !== null;
  const rest = [];
  const met = new Set();
  for (const [key, item] of a) {
    if (!isObject(key) && b.has(key) && equal(item, b.get(key), walk)) met.add(key);
    else if (isObject(key) || !walk.isStrict) rest.push([key, item]);
    else return false;
  }
  const partners = [...b].filter(([key]) => !met.has(key));
  const matches = ([key, item], [otherKey, other]) => equal(otherKey, key, walk) && equal(other, item, walk);
  return rest.length === partners.length && pairUp(partners, rest, matches);
}

// Gives each of `wanting` one of `offered` that no other has; first come, first served.
function pairUp(wanting, offered, matches) {
  const left = [...offered];
  return wanting.every(item => {
    const at = left.findIndex(other => matches(item, other));
    if (at !== -1) left.splice(at, 1);
    return at !== -1;
  });
}

// What each kind of object looks like: text in front (`base`), braces, which keys, which entries.
//
// A shape is `{ base, open, close, keys, entries, bare, isList, isText }`. `bare` is all there is to print
// when no key needs showing; `isText` marks kinds that stay readable below the depth limit. Walking and
// indenting are `../inspect.js`'s, errors are in `errors.js`.

import { errorShape } from './errors.js';
import { prefixOf } from './prefix.js';
import { plural } from './text.js';

const TypedArray = Object.getPrototypeOf(Uint8Array);
const PRIMITIVE_CLASSES = [Number, String, Boolean, BigInt, Symbol];

const builtInTag = value => Object.prototype.toString.call(value).slice(8, -1);

const accessor = (prototype, name) => {
  const read = Object.getOwnPropertyDescriptor(prototype, name).get;
  return value => read.call(value);
};
const mapSize = accessor(Map.prototype, 'size');
const setSize = accessor(Set.prototype, 'size');
const byteLength = accessor(ArrayBuffer.prototype, 'byteLength');
const source = accessor(RegExp.prototype, 'source');
const time = value => Date.prototype.getTime.call(value);

// True for a real `kind`: `probe` fails on objects that merely have its prototype.
function is(value, kind, probe) {
  if (!(value instanceof kind)) return false;
  try {
    probe(value);
    return true;
  } catch {
    return false;
  }
}

// Own keys as they are shown; for lists, without the indexes.
function keysOf(value, showHidden, isList = false) {
  const names = showHidden ? Object.getOwnPropertyNames(value) : Object.keys(value);
  const isIndex = name => /^(?:0|[1-9][0-9]{0,9})$/.test(name) && Number(name) < 2 ** 32 - 1;
  const isShown = symbol => showHidden || Object.prototype.propertyIsEnumerable.call(value, symbol);
  const symbols = Object.getOwnPropertySymbols(value).filter(isShown);
  return [...(isList ? names.filter(name => !isIndex(name)) : names), ...symbols];
}

/** The shape of `value`; `about` has its class name and tag, and how to print a primitive. */
export function describe(value, about) {
  const { name, tag, showHidden } = about;
  const shape = more => ({
    base: '', open: '{', close: '}', entries: () => [], bare: null, ...more,
    keys: more.keys ?? keysOf(value, showHidden),
  });
  const classed = (fallback, more) => shape({ open: `${prefixOf(name, tag, fallback)}{`, ...more });
  const collection = (fallback, size, entries) => {
    const open = `${prefixOf(name, tag, fallback, `(${size})`)}{`;
    return shape({ open, entries, bare: size === 0 ? `${open}}` : null });
  };
  const list = (shown, entries) => shape({
    open: `${shown}[`, close: ']', keys: keysOf(value, showHidden, true), entries, isList: true,
    bare: value.length === 0 ? `${shown}[]` : null,
  });
  // `text` alone, unless the class adds something to it.
  const textual = (fallback, text, isText) => {
    const shown = prefixOf(name, tag, fallback);
    const base = shown === `${fallback} ` ? text : shown + text;
    return shape({ base, bare: base, isText });
  };

  if (Array.isArray(value)) {
    const isPlain = name === 'Array' && tag === '';
    return list(isPlain ? '' : prefixOf(name, tag, 'Array', `(${value.length})`), arrayEntries);
  }
  if (value instanceof TypedArray && ArrayBuffer.isView(value)) {
    return list(prefixOf(name, tag, builtInTag(value), `(${value.length})`), typedEntries);
  }
  if (is(value, Set, setSize)) return collection('Set', setSize(value), setEntries);
  if (is(value, Map, mapSize)) return collection('Map', mapSize(value), mapEntries);
  if (typeof value === 'function') {
    const base = functionText(value, name, tag);
    return shape({ base, bare: base });
  }
  if (is(value, RegExp, source)) return textual('RegExp', RegExp.prototype.toString.call(value), true);
  if (is(value, Date, time)) {
    const isValid = !Number.isNaN(time(value));
    return textual('Date', isValid ? Date.prototype.toISOString.call(value) : 'Invalid Date', false);
  }
  if (value instanceof Error || builtInTag(value) === 'Error') {
    return shape(errorShape(value, about, keysOf(value, showHidden)));
  }
  if (is(value, ArrayBuffer, byteLength)) {
    const keys = ['byteLength', ...keysOf(value, showHidden)];
    return classed('ArrayBuffer', { entries: bufferEntries, keys });
  }
  if (value instanceof DataView) {
    return classed('DataView', { keys: ['byteLength', 'byteOffset', 'buffer', ...keysOf(value, showHidden)] });
  }
  if (value instanceof Promise) return classed('Promise', { bare: `${prefixOf(name, tag, 'Promise')}{ }` });
  if (value instanceof WeakSet || value instanceof WeakMap) {
    return classed('WeakSet', { entries: () => ['<items unknown>'] });
  }
  if (tag === 'Module' && name === null) return shape({ open: '[Module: null prototype] {' });
  const boxed = PRIMITIVE_CLASSES.find(kind => is(value, kind, () => kind.prototype.valueOf.call(value)));
  if (boxed !== undefined) {
    const base = boxedText(value, boxed, about);
    return shape({ base, bare: base, keys: keysOf(value, showHidden, boxed === String) });
  }
  if (builtInTag(value) === 'Arguments') return shape({ open: '[Arguments] {', bare: '[Arguments] {}' });
  if (name === 'Object' && tag === '') return shape({ bare: '{}' });
  return classed('Object', { bare: `${prefixOf(name, tag, 'Object')}{}` });
}

function boxedText(value, kind, { name, tag, print }) {
  const type = kind.name === name ? name : `${kind.name} (${name})`;
  const shownTag = tag !== '' && tag !== name ? ` [${tag}]` : '';
  return `[${type}: ${print(kind.prototype.valueOf.call(value))}]${shownTag}`;
}

function functionText(value, name, tag) {
  const text = Function.prototype.toString.call(value);
  const shownTag = tag !== '' && tag !== name ? ` [${tag}]` : '';
  if (text.startsWith('class') && text.endsWith('}')) {
    const called = Object.hasOwn(value, 'name') && value.name ? ` ${value.name}` : ' (anonymous)';
    const made = name !== null && name !== 'Function' ? ` [${name}]` : '';
    const parent = Object.getPrototypeOf(value)?.name;
    const above = name === null ? ' extends [null prototype]' : parent ? ` extends ${parent}` : '';
    return `[class${called}${made}${shownTag}${above}]`;
  }
  const kind = builtInTag(value);
  const type = /^(?:Async|Generator|AsyncGenerator)Function$/.test(kind) ? kind : 'Function';
  const called = value.name === '' ? ' (anonymous)' : `: ${value.name}`;
  const made = name !== null && name !== type && name !== 'Function' ? ` ${name}` : '';
  return `[${type}${name === null ? ' (null prototype)' : ''}${called}]${made}${shownTag}`;
}

const more = rest => (rest > 0 ? [`... ${rest} more item${plural(rest)}`] : []);

function arrayEntries(array, print) {
  const output = [];
  let i = 0;
  while (i < array.length && output.length < print.limit) {
    const start = i;
    while (i < array.length && !Object.hasOwn(array, i)) i += 1;
    if (i > start) output.push(`<${i - start} empty item${plural(i - start)}>`);
    else output.push(print.member(array, String(i++)));
  }
  return [...output, ...more(array.length - i)];
}

function typedEntries(array, print) {
  const shown = Array.prototype.slice.call(array, 0, Math.min(print.limit, array.length));
  return [...shown.map(print.value), ...more(array.length - shown.length)];
}

function setEntries(set, print) {
  const shown = [...Set.prototype.values.call(set)].slice(0, print.limit);
  return [...shown.map(print.value), ...more(setSize(set) - shown.length)];
}

function mapEntries(map, print) {
  const shown = [...Map.prototype.entries.call(map)].slice(0, print.limit);
  const pairs = shown.map(([key, item]) => `${print.value(key)} => ${print.value(item)}`);
  return [...pairs, ...more(mapSize(map) - shown.length)];
}

function bufferEntries(buffer, print) {
  const bytes = new Uint8Array(buffer, 0, Math.min(print.limit, buffer.byteLength));
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join(' ');
  const rest = buffer.byteLength - bytes.length;
  return [`[Uint8Contents]: <${hex}${rest > 0 ? ` ... ${rest} more byte${plural(rest)}` : ''}>`];
}

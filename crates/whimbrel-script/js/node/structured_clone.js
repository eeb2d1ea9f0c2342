// `structuredClone`: a deep copy that keeps circles and shared references.
//
// Objects of a class come out plain; accessors become what they answered. Functions, symbols and what cannot be
// copied (promises, weak collections, iterators) fail with a `DataCloneError`. A proxy cannot be seen and is copied
// as what it shows.

import { nodeError } from './errors.js';
import { DOMException } from './events/dom_exception.js';
import types from './util/types.js';

const NATIVE_ERRORS = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
const ArrayIteratorPrototype = Object.getPrototypeOf([].values());
const isIterator = value =>
  types.isMapIterator(value) || types.isSetIterator(value) || Object.prototype.isPrototypeOf.call(ArrayIteratorPrototype, value);
// What cannot be copied, and how it is called.
const UNCLONEABLE = [
  { is: types.isSymbolObject, name: '[object Symbol]' },
  { is: types.isGeneratorObject, name: '[object Generator]' },
  { is: value => isIterator(value) || types.isArgumentsObject(value), name: '#<Object>' },
  { is: types.isPromise, name: '#<Promise>' },
  { is: types.isWeakMap, name: '#<WeakMap>' },
  { is: types.isWeakSet, name: '#<WeakSet>' },
  { is: value => typeof WeakRef === 'function' && value instanceof WeakRef, name: '#<WeakRef>' },
];

const failure = message => new DOMException(message, 'DataCloneError');
const typeFailure = message => nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', message);

function transferListOf(options) {
  if (options === undefined || options === null) return [];
  if (typeof options !== 'object') throw typeFailure('The options argument must be either an object or undefined');
  const { transfer } = options;
  if (transfer === undefined) return [];
  if (typeof transfer?.[Symbol.iterator] !== 'function') {
    throw typeFailure('Optional transferList argument must be an iterable');
  }
  const list = [...transfer];
  if (!list.every(types.isArrayBuffer)) {
    throw nodeError(TypeError, 'ERR_INVALID_TRANSFER_OBJECT', 'Found invalid object in transferList');
  }
  if (new Set(list).size < list.length) throw failure('Transfer list contains duplicate ArrayBuffer');
  return list;
}

export function structuredClone(value, options) {
  if (arguments.length === 0) throw nodeError(TypeError, 'ERR_MISSING_ARGS', 'The value argument must be specified');
  const transferred = transferListOf(options);
  const result = clone(value, new Map());
  // Only now, so that a value that cannot be copied leaves them as they were.
  for (const buffer of transferred) buffer.transfer?.();
  return result;
}

function clone(value, seen) {
  if (typeof value === 'symbol' || typeof value === 'function') throw failure(`${String(value)} could not be cloned.`);
  if (value === null || typeof value !== 'object') return value;
  if (seen.has(value)) return seen.get(value);
  const refused = UNCLONEABLE.find(({ is }) => is(value));
  if (refused !== undefined) throw failure(`${refused.name} could not be cloned.`);

  const keep = copy => {
    seen.set(value, copy);
    return copy;
  };
  if (types.isBoxedPrimitive(value)) return keep(Object(primitiveOf(value)));
  if (types.isDate(value)) return keep(new Date(Date.prototype.getTime.call(value)));
  if (types.isRegExp(value)) return keep(new RegExp(value.source, value.flags));
  if (types.isArrayBuffer(value)) return keep(copyBuffer(value));
  if (types.isSharedArrayBuffer(value)) return keep(value);
  if (ArrayBuffer.isView(value)) return keep(copyView(value, seen));
  if (types.isMap(value)) return copyMap(value, keep(new Map()), seen);
  if (types.isSet(value)) return copySet(value, keep(new Set()), seen);
  if (types.isNativeError(value)) return copyError(value, keep, seen);
  const copy = keep(Array.isArray(value) ? new Array(value.length) : {});
  for (const key of Object.keys(value)) {
    // A getter may have removed it meanwhile. Defined and not assigned: the name may be `__proto__`.
    if (!Object.hasOwn(value, key)) continue;
    const made = clone(value[key], seen);
    Object.defineProperty(copy, key, { value: made, writable: true, enumerable: true, configurable: true });
  }
  return copy;
}

function primitiveOf(value) {
  for (const kind of [Number, String, Boolean, BigInt]) {
    if (types[`is${kind.name}Object`](value)) return kind.prototype.valueOf.call(value);
  }
  return undefined;
}

function copyBuffer(buffer) {
  if (!buffer.resizable) return buffer.slice(0);
  const copy = new ArrayBuffer(buffer.byteLength, { maxByteLength: buffer.maxByteLength });
  new Uint8Array(copy).set(new Uint8Array(buffer));
  return copy;
}

// Views of one buffer share one copy. A `Buffer` comes out as a `Uint8Array`.
function copyView(view, seen) {
  const buffer = clone(view.buffer, seen);
  if (types.isDataView(view)) return new DataView(buffer, view.byteOffset, view.byteLength);
  const name = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get.call(view);
  return new globalThis[name](buffer, view.byteOffset, view.length);
}

// The entries as they were at the beginning: copying may run code that changes the collection.
function copyMap(map, copy, seen) {
  const entries = [...Map.prototype.entries.call(map)];
  for (const [key, item] of entries) copy.set(clone(key, seen), clone(item, seen));
  return copy;
}

function copySet(set, copy, seen) {
  const items = [...Set.prototype.values.call(set)];
  for (const item of items) copy.add(clone(item, seen));
  return copy;
}

// Class by name, message, stack and cause; nothing else.
function copyError(error, keep, seen) {
  const Class = NATIVE_ERRORS[error.name] ?? Error;
  const made = keep(new Class());
  const hide = (key, value) => Object.defineProperty(made, key, { value, writable: true, configurable: true, enumerable: false });
  const message = Object.getOwnPropertyDescriptor(error, 'message');
  if (message !== undefined && 'value' in message) hide('message', `${message.value}`);
  if (typeof error.stack === 'string') hide('stack', error.stack);
  if (Object.hasOwn(error, 'cause')) hide('cause', clone(error.cause, seen));
  return made;
}

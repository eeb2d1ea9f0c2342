// `util`: a box of helpers; each larger one has a file in the folder beside this.
//
// Not offered: `parseArgs` (a migration has no arguments), `aborted`, `MIMEType`, `parseEnv`, names of system
// errors. `debuglog` is silent, `deprecate` does not warn.

import { format, inspect } from '../inspect.js';
import buffer from './buffer.js';
import { invalidArgType } from './errors.js';
import { TextDecoder, TextEncoder } from './text_encoding.js';
import { isDeepStrictEqual } from './util/deep_equal.js';
import { formatWithOptions } from './util/format_with.js';
import { callbackify, promisify } from './util/promises.js';
import { stripVTControlCharacters, styleText } from './util/style_text.js';
import types from './util/types.js';

function inherits(Class, Parent) {
  if (Class === undefined || Class === null) throw invalidArgType('ctor', 'Function', Class);
  if (Parent === undefined || Parent === null) throw invalidArgType('superCtor', 'Function', Parent);
  if (Parent.prototype === undefined) throw invalidArgType('superCtor.prototype', 'Object', Parent.prototype);
  Object.defineProperty(Class, 'super_', { value: Parent, writable: true, configurable: true });
  Object.setPrototypeOf(Class.prototype, Parent.prototype);
}

function deprecate(original, message, code) {
  if (code !== undefined && typeof code !== 'string') throw invalidArgType('code', 'string', code);
  // `new` on it makes what `new` on the original makes.
  const wrapper = function (...args) {
    return new.target ? Reflect.construct(original, args, new.target) : Reflect.apply(original, this, args);
  };
  Object.setPrototypeOf(wrapper, original);
  if (original.prototype) wrapper.prototype = original.prototype;
  return wrapper;
}

function debuglog() {
  const log = () => {};
  return Object.defineProperty(log, 'enabled', { get: () => false, enumerable: true, configurable: true });
}

function extend(target, source) {
  if (source === null || typeof source !== 'object') return target;
  return Object.assign(target, source);
}

const isPrimitive = value => value === null || (typeof value !== 'object' && typeof value !== 'function');

export default {
  _extend: extend,
  callbackify,
  debug: debuglog,
  debuglog,
  deprecate,
  format,
  styleText,
  formatWithOptions,
  inherits,
  inspect,
  isArray: Array.isArray,
  isBoolean: value => typeof value === 'boolean',
  isBuffer: value => buffer.Buffer.isBuffer(value),
  isDeepStrictEqual,
  isNull: value => value === null,
  isNullOrUndefined: value => value === null || value === undefined,
  isNumber: value => typeof value === 'number',
  isString: value => typeof value === 'string',
  isSymbol: value => typeof value === 'symbol',
  isUndefined: value => value === undefined,
  isRegExp: types.isRegExp,
  isObject: value => value !== null && typeof value === 'object',
  isDate: types.isDate,
  isError: value => types.isNativeError(value) || value instanceof Error,
  isFunction: value => typeof value === 'function',
  isPrimitive,
  promisify,
  stripVTControlCharacters,
  toUSVString: value => `${value}`.toWellFormed(),
  types,
  TextDecoder,
  TextEncoder,
};

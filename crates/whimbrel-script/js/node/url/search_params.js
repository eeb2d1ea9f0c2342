// `URLSearchParams`: the pairs of a query, and their form encoding.

import { Buffer } from '../buffer.js';
import { invalidArgType, nodeError } from '../errors.js';

const CUSTOM = Symbol.for('nodejs.util.inspect.custom');

const missing = text => nodeError(TypeError, 'ERR_MISSING_ARGS', `The ${text} must be specified`);
const needName = count => { if (count < 1) throw missing('"name" argument'); };
const needBoth = count => { if (count < 2) throw missing('"name" and "value" arguments'); };
const invalidTuple = () => nodeError(TypeError, 'ERR_INVALID_TUPLE', 'Each query pair must be an iterable [name, value] tuple');

/** Text as the web has it: a lone surrogate becomes U+FFFD. */
export const webText = value => {
  if (typeof value === 'symbol') throw new TypeError('Cannot convert a Symbol value to a string');
  return `${value}`.toWellFormed();
};

function decode(text) {
  const spaced = text.replaceAll('+', ' ');
  if (!spaced.includes('%')) return spaced;
  const source = Buffer.from(spaced);
  const bytes = Buffer.alloc(source.length);
  let length = 0;
  for (let i = 0; i < source.length; i++) {
    const digits = source[i] === 0x25 ? source.subarray(i + 1, i + 3).toString('latin1') : '';
    if (/^[0-9a-f]{2}$/i.test(digits)) {
      bytes[length++] = Number.parseInt(digits, 16);
      i += 2;
    } else {
      bytes[length++] = source[i];
    }
  }
  return bytes.subarray(0, length).toString();
}

function encode(text) {
  if (/^[A-Za-z0-9*\-._]*$/.test(text)) return text;
  return encodeURIComponent(text).replace(/%20/g, '+').replace(/[!'()~]/g, one => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

function parse(query) {
  const pairs = [];
  for (const part of query.split('&')) {
    if (part === '') continue;
    const at = part.indexOf('=');
    pairs.push(at === -1 ? [decode(part), ''] : [decode(part.slice(0, at)), decode(part.slice(at + 1))]);
  }
  return pairs;
}

function pairsOf(init) {
  if (init === undefined || init === null) return [];
  if (typeof init !== 'object' && typeof init !== 'function') return parse(webText(init).replace(/^\?/, ''));
  const iterate = init[Symbol.iterator];
  if (iterate !== null && iterate !== undefined) {
    if (typeof iterate !== 'function') throw nodeError(TypeError, 'ERR_ARG_NOT_ITERABLE', 'Query pairs must be iterable');
    return Array.from(init, pair => {
      const isObject = pair !== null && (typeof pair === 'object' || typeof pair === 'function');
      const items = isObject && typeof pair[Symbol.iterator] === 'function' ? Array.from(pair, webText) : [];
      if (items.length !== 2) throw invalidTuple();
      return items;
    });
  }
  const pairs = new Map();
  for (const key of Reflect.ownKeys(init)) {
    if (Object.getOwnPropertyDescriptor(init, key)?.enumerable) pairs.set(webText(key), webText(init[key]));
  }
  return [...pairs];
}

// What this file needs of the private fields, filled in by the class.
let bind;
let pairsIn;
let check;
export { bind as bindParams };

export class URLSearchParams {
  #pairs;
  // Called after each change; an address uses it to follow.
  #onChange = () => {};

  constructor(init = undefined) {
    this.#pairs = pairsOf(init);
  }

  static {
    /** Binds the pairs to a query elsewhere; the answer refills them from there. */
    bind = (params, onChange) => {
      params.#onChange = onChange;
      return query => { params.#pairs = parse(query.replace(/^\?/, '')); };
    };
    pairsIn = params => params.#pairs;
    check = value => {
      if (value === null || typeof value !== 'object' || !(#pairs in value)) {
        throw nodeError(TypeError, 'ERR_INVALID_THIS', 'Value of "this" must be of type URLSearchParams');
      }
    };
  }

  get size() {
    check(this);
    return this.#pairs.length;
  }

  append(name, value) {
    check(this);
    needBoth(arguments.length);
    this.#pairs.push([webText(name), webText(value)]);
    this.#onChange();
  }

  delete(name, value = undefined) {
    check(this);
    needName(arguments.length);
    const key = webText(name);
    const only = value === undefined ? undefined : webText(value);
    this.#pairs = this.#pairs.filter(pair => pair[0] !== key || (only !== undefined && pair[1] !== only));
    this.#onChange();
  }

  get(name) {
    check(this);
    needName(arguments.length);
    const key = webText(name);
    return this.#pairs.find(pair => pair[0] === key)?.[1] ?? null;
  }

  getAll(name) {
    check(this);
    needName(arguments.length);
    const key = webText(name);
    return this.#pairs.filter(pair => pair[0] === key).map(pair => pair[1]);
  }

  has(name, value = undefined) {
    check(this);
    needName(arguments.length);
    const key = webText(name);
    const only = value === undefined ? undefined : webText(value);
    return this.#pairs.some(pair => pair[0] === key && (only === undefined || pair[1] === only));
  }

  set(name, value) {
    check(this);
    needBoth(arguments.length);
    const [key, text] = [webText(name), webText(value)];
    const first = this.#pairs.find(pair => pair[0] === key);
    if (first === undefined) {
      this.#pairs.push([key, text]);
    } else {
      first[1] = text;
      this.#pairs = this.#pairs.filter(pair => pair === first || pair[0] !== key);
    }
    this.#onChange();
  }

  /** By name, in code units; pairs of one name keep their order. */
  sort() {
    check(this);
    this.#pairs.sort(([left], [right]) => (left < right ? -1 : Number(left > right)));
    this.#onChange();
  }

  forEach(callback, receiver = undefined) {
    check(this);
    if (typeof callback !== 'function') throw invalidArgType('callback', 'function', callback);
    for (let i = 0; i < this.#pairs.length; i++) callback.call(receiver, this.#pairs[i][1], this.#pairs[i][0], this);
  }

  entries() { return new PairIterator(this, ([name, value]) => [name, value]); }
  keys() { return new PairIterator(this, pair => pair[0]); }
  values() { return new PairIterator(this, pair => pair[1]); }

  toString() {
    check(this);
    return this.#pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  }

  [CUSTOM](depth, options, inspect) {
    check(this);
    if (typeof depth === 'number' && depth < 0) return '[Object]';
    const inner = { ...options, ...(depth === null ? {} : { depth: depth - 1 }) };
    const shown = this.#pairs.map(([name, value]) => `${inspect(name, inner)} => ${inspect(value, inner)}`);
    if (shown.length === 0) return `${this.constructor.name} {}`;
    const isLong = shown.join(', ').length > options.breakLength;
    return isLong ? `${this.constructor.name} {\n  ${shown.join(',\n  ')} }` : `${this.constructor.name} { ${shown.join(', ')} }`;
  }
}

// Looks at the pairs as they are at each step, so that changes on the way are seen.
class PairIterator {
  #params;
  #choose;
  #index = 0;

  constructor(params, choose) {
    check(params);
    this.#params = params;
    this.#choose = choose;
  }

  next() {
    const pair = pairsIn(this.#params)[this.#index++];
    return pair === undefined ? { value: undefined, done: true } : { value: this.#choose(pair), done: false };
  }

  [CUSTOM](depth, options, inspect) {
    if (typeof depth === 'number' && depth < 0) return '[Object]';
    const inner = { ...options, ...(depth === null ? {} : { depth: depth - 1 }) };
    const left = pairsIn(this.#params).slice(this.#index).map(pair => inspect(this.#choose(pair), inner));
    return `URLSearchParams Iterator {${left.length > 0 ? ` ${left.join(', ')} ` : ' '}}`;
  }
}
const IteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
Object.setPrototypeOf(PairIterator.prototype, IteratorPrototype);
delete PairIterator.prototype.constructor;
Object.defineProperty(PairIterator.prototype, Symbol.toStringTag, { value: 'URLSearchParams Iterator', configurable: true });

const { prototype } = URLSearchParams;
Object.defineProperty(prototype, Symbol.toStringTag, { value: 'URLSearchParams', configurable: true });
Object.defineProperty(prototype, Symbol.iterator, { value: prototype.entries, writable: true, configurable: true });
for (const name of Object.getOwnPropertyNames(prototype)) {
  if (name !== 'constructor') Object.defineProperty(prototype, name, { enumerable: true });
}

// `URL`. Parsing and every change of a part are the host's; the parts of the last answer are kept here.

import { host } from '../host.js';
import { nodeError } from '../errors.js';
import { bindParams, URLSearchParams, webText } from './search_params.js';

const CUSTOM = Symbol.for('nodejs.util.inspect.custom');
const SETTABLE = ['protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'];
const SHOWN = [
  'href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'searchParams', 'hash',
];

const missingUrl = () => nodeError(TypeError, 'ERR_MISSING_ARGS', 'The "url" argument must be specified');

export function invalidUrl(input, base) {
  const error = nodeError(TypeError, 'ERR_INVALID_URL', 'Invalid URL');
  error.input = input;
  if (base !== undefined) error.base = base;
  return error;
}

const parse = (input, base) => host.urlParse(input, base) ?? null;

// What this file needs of the private fields, filled in by the class.
let change;
let part;

export class URL {
  #parts;
  // Made when asked for; from then on each follows the other.
  #params;
  #refill;

  constructor(input, base = undefined) {
    if (arguments.length === 0) throw missingUrl();
    const text = webText(input);
    const against = base === undefined ? undefined : webText(base);
    this.#parts = parse(text, against);
    if (this.#parts === null) throw invalidUrl(text, against);
  }

  static {
    change = (url, name, value) => url.#change(name, value);
    // A TypeError of the engine for anything that is no URL.
    part = (url, name) => url.#parts[name];
  }

  static canParse(input, base = undefined) {
    if (arguments.length === 0) throw missingUrl();
    return parse(webText(input), base === undefined ? undefined : webText(base)) !== null;
  }

  static parse(input, base = undefined) {
    if (arguments.length === 0) throw missingUrl();
    return URL.canParse(input, base) ? new URL(input, base) : null;
  }

  #change(name, value) {
    this.#parts = host.urlSet(this.#parts.href, name, value) ?? this.#parts;
    this.#refill?.(this.#parts.search);
  }

  get href() { return part(this, 'href'); }

  set href(value) {
    part(this, 'href');
    const text = webText(value);
    const parts = parse(text);
    if (parts === null) throw invalidUrl(text);
    this.#parts = parts;
    this.#refill?.(parts.search);
  }

  get origin() { return part(this, 'origin'); }

  get searchParams() {
    const search = part(this, 'search');
    if (this.#params === undefined) {
      this.#params = new URLSearchParams(search);
      this.#refill = bindParams(this.#params, () => {
        this.#parts = host.urlSet(this.#parts.href, 'search', this.#params.toString()) ?? this.#parts;
      });
    }
    return this.#params;
  }

  toString() { return part(this, 'href'); }
  toJSON() { return part(this, 'href'); }

  [CUSTOM](depth, options, inspect) {
    if (typeof depth === 'number' && depth < 0) return this;
    // Shown like a plain object with a name in front.
    const shown = Object.fromEntries(SHOWN.map(name => [name, this[name]]));
    return `${this.constructor.name} ${inspect(shown, options)}`;
  }
}

for (const name of SETTABLE) {
  Object.defineProperty(URL.prototype, name, {
    get() { return part(this, name); },
    set(value) {
      part(this, name);
      change(this, name, webText(value));
    },
    configurable: true,
  });
}
for (const name of Object.getOwnPropertyNames(URL.prototype)) {
  if (name !== 'constructor') Object.defineProperty(URL.prototype, name, { enumerable: true });
}
Object.defineProperty(URL.prototype, Symbol.toStringTag, { value: 'URL', configurable: true });

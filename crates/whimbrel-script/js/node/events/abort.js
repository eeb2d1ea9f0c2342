// `AbortController` and `AbortSignal`.

import { invalidArgType, nodeError, outOfRange } from '../errors.js';
import { DOMException } from './dom_exception.js';
import { Event, EventTarget } from './target.js';

// Only this file can make signals.
const KEY = Symbol('signal');

const aborted = () => new DOMException('This operation was aborted', 'AbortError');
const timedOut = () => new DOMException('The operation was aborted due to timeout', 'TimeoutError');

export class AbortSignal extends EventTarget {
  #isAborted = false;
  #reason;
  #onabort = null;
  // Signals made of this one with `any`.
  #dependents = [];

  constructor(key) {
    if (key !== KEY) throw nodeError(TypeError, 'ERR_ILLEGAL_CONSTRUCTOR', 'Illegal constructor');
    super();
  }

  static abort(reason = aborted()) {
    const signal = new AbortSignal(KEY);
    signal.#isAborted = true;
    signal.#reason = reason;
    return signal;
  }

  static timeout(delay) {
    if (typeof delay !== 'number') throw invalidArgType('delay', 'number', delay);
    if (!Number.isInteger(delay)) throw outOfRange('delay', 'an integer', delay);
    if (delay < 0 || delay > 2 ** 32 - 1) throw outOfRange('delay', '>= 0 && <= 4294967295', delay);
    const signal = new AbortSignal(KEY);
    setTimeout(() => signal.#abort(timedOut()), delay).unref?.();
    return signal;
  }

  static any(signals) {
    if (!Array.isArray(signals)) throw invalidArgType('signals', 'Array', signals);
    signals.forEach((source, i) => {
      if (!(source instanceof AbortSignal)) throw invalidArgType(`signals[${i}]`, 'AbortSignal', source);
    });
    const signal = new AbortSignal(KEY);
    const over = signals.find(source => source.#isAborted);
    if (over !== undefined) {
      signal.#isAborted = true;
      signal.#reason = over.#reason;
    } else {
      for (const source of signals) source.#dependents.push(signal);
    }
    return signal;
  }

  /** For the controller. */
  static make() {
    return { signal: new AbortSignal(KEY), abort: (signal, reason) => signal.#abort(reason) };
  }

  get aborted() { return this.#isAborted; }
  get reason() { return this.#reason; }
  throwIfAborted() { if (this.#isAborted) throw this.#reason; }

  get onabort() { return this.#onabort; }
  set onabort(handler) {
    if (this.#onabort !== null) this.removeEventListener('abort', this.#onabort);
    this.#onabort = typeof handler === 'function' ? handler : null;
    if (this.#onabort !== null) this.addEventListener('abort', this.#onabort);
  }

  // This signal and all that hang on it, as far as they are not aborted yet.
  #affected() {
    return this.#isAborted ? [] : [this, ...this.#dependents.flatMap(signal => signal.#affected())];
  }

  #abort(reason) {
    const signals = [...new Set(this.#affected())];
    // All are aborted before any listener runs.
    for (const signal of signals) {
      signal.#isAborted = true;
      signal.#reason = reason;
      signal.#dependents = [];
    }
    for (const signal of signals) signal.dispatchEvent(new Event('abort'));
  }
}

const { make } = AbortSignal;
delete AbortSignal.make;

export class AbortController {
  #made = make();

  get signal() { return this.#made.signal; }
  abort(reason = aborted()) { this.#made.abort(this.#made.signal, reason); }
}

// What `console.log` shows.
const CUSTOM = Symbol.for('nodejs.util.inspect.custom');
const show = (Class, fieldsOf) => {
  Object.defineProperty(Class.prototype, CUSTOM, {
    value(depth, options, inspect) {
      if (depth < 0) return `[${Class.name}]`;
      return `${Class.name} ${inspect(fieldsOf(this), { ...options, depth: options.depth === null ? null : options.depth - 1 })}`;
    },
    configurable: true,
  });
};
show(AbortSignal, ({ aborted: isAborted }) => ({ aborted: isAborted }));
show(AbortController, ({ signal }) => ({ signal }));

for (const [name, Class] of Object.entries({ AbortSignal, AbortController })) {
  Object.defineProperty(Class.prototype, Symbol.toStringTag, { value: name, configurable: true });
}

// Timers as Node.js has them, over Rust's one queue.

import { invalidArgType } from '../node/errors.js';

/** What `setTimeout` and `setInterval` return. */
class Timeout {
  #stop;
  #restart;
  #refer;
  #counts = true;

  constructor(start, stop, refer) {
    this.#refer = refer;
    Object.defineProperty(this, 'id', { value: start(), writable: true });
    this.#stop = stop;
    this.#restart = start;
  }

  ref() { return this.#count(true); }
  unref() { return this.#count(false); }
  hasRef() { return this.#counts; }

  #count(counts) {
    this.#counts = counts;
    this.#refer(this.id, counts);
    return this;
  }

  refresh() {
    this.#stop(this.id);
    this.id = this.#restart();
    return this.#count(this.#counts);
  }

  close() {
    this.#stop(this.id);
    return this;
  }

  [Symbol.toPrimitive]() { return this.id; }
  [Symbol.dispose ?? Symbol.for('Symbol.dispose')]() { this.#stop(this.id); }
}

class Immediate extends Timeout {}

const LONGEST = 2 ** 31 - 1;

export function makeTimers(ops) {
  const stop = timer => {
    const id = Number(timer);
    if (timer !== undefined && timer !== null && Number.isFinite(id)) ops.clearTimer(id);
  };
  const make = (Class, callback, wait, repeat, args) => {
    if (typeof callback !== 'function') throw invalidArgType('callback', 'function', callback);
    const run = args.length === 0 ? callback : () => callback(...args);
    const timer = new Class(() => ops.setTimer(() => run.call(timer), wait, repeat), stop, (id, counts) => ops.referTimer(id, counts));
    return timer;
  };
  const waitOf = milliseconds => {
    const wait = Number(milliseconds);
    return wait >= 1 && wait <= LONGEST ? Math.trunc(wait) : 1;
  };
  const promisified = (timer, after) => Object.defineProperty(timer, Symbol.for('nodejs.util.promisify.custom'), {
    value: after, enumerable: false,
  });
  const setTimeout = (callback, milliseconds, ...args) => make(Timeout, callback, waitOf(milliseconds), false, args);
  const setImmediate = (callback, ...args) => make(Immediate, callback, 0, false, args);
  promisified(setTimeout, (milliseconds, value) => new Promise(resolve => { setTimeout(resolve, milliseconds, value); }));
  promisified(setImmediate, value => new Promise(resolve => { setImmediate(resolve, value); }));
  return {
    setTimeout,
    setInterval: (callback, milliseconds, ...args) => make(Timeout, callback, waitOf(milliseconds), true, args),
    setImmediate,
    clearTimeout: stop,
    clearInterval: stop,
    clearImmediate: stop,
  };
}

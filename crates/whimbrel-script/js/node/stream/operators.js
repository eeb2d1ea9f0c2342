// `map`, `filter`, `toArray` and the other methods of `Readable` that go over all pieces.
//
// Those that answer with a stream are async generators made into one; those that answer with a promise read
// the stream to its end, or leave it early and so destroy it.

import { AbortController } from '../events/abort.js';
import { invalidArgType, nodeError, outOfRange } from '../errors.js';
import { abortError } from './errors.js';
import { checkSignal } from './finished.js';
import { isDestroyed } from './kinds.js';

function checkOptions(options) {
  if (options !== undefined && options !== null && typeof options !== 'object') throw invalidArgType('options', 'object', options);
  if (options?.signal !== undefined && options?.signal !== null) checkSignal(options.signal, 'options.signal');
  return options ?? {};
}

function checkFunction(fn, name = 'fn') {
  if (typeof fn !== 'function') throw invalidArgType(name, ['Function', 'AsyncFunction'], fn);
}

function checkConcurrency({ concurrency }) {
  if (concurrency === undefined || concurrency === null) return 1;
  const whole = Math.floor(concurrency);
  if (typeof concurrency !== 'number') throw invalidArgType('concurrency', 'number', concurrency);
  if (!(whole >= 1 && whole <= Number.MAX_SAFE_INTEGER)) {
    throw outOfRange('options.concurrency', `>= 1 && <= ${Number.MAX_SAFE_INTEGER}`, concurrency);
  }
  return whole;
}

function checkCount(given) {
  const number = Number(given);
  if (Number.isNaN(number)) return 0;
  if (number < 0) throw outOfRange('number', '>= 0', number);
  return number;
}

function stopIfAborted(signal) {
  if (signal?.aborted) throw abortError(signal.reason);
}

/** Results in the order of the pieces; up to `concurrency` calls are under way. */
async function* mapped(stream, fn, options, concurrency) {
  const abort = new AbortController();
  const onAbort = () => abort.abort();
  options.signal?.addEventListener('abort', onAbort);
  const underway = [];
  try {
    for await (const piece of stream) {
      stopIfAborted(options.signal);
      const result = (async () => fn(piece, { signal: abort.signal }))();
      // Its failure is told when its turn comes.
      result.catch(() => {});
      underway.push(result);
      if (underway.length >= concurrency) yield* shown(await underway.shift());
    }
    while (underway.length > 0) yield* shown(await underway.shift());
    stopIfAborted(options.signal);
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
    abort.abort();
  }
}

// What a stream of objects cannot carry is left out.
const EMPTY = Symbol('empty');
function* shown(value) {
  if (value !== EMPTY) yield value;
}

function map(fn, givenOptions) {
  checkFunction(fn);
  const options = checkOptions(givenOptions);
  return mapped(this, fn, options, checkConcurrency(options));
}

function filter(fn, options) {
  checkFunction(fn);
  return map.call(this, async (piece, context) => ((await fn(piece, context)) ? piece : EMPTY), options);
}

function flatMap(fn, options) {
  checkFunction(fn);
  const lists = map.call(this, fn, options);
  return (async function* flattened() {
    for await (const list of lists) yield* list;
  })();
}

function drop(given, givenOptions) {
  const { signal } = checkOptions(givenOptions);
  let left = checkCount(given);
  const stream = this;
  return (async function* dropped() {
    stopIfAborted(signal);
    for await (const piece of stream) {
      stopIfAborted(signal);
      if (left-- <= 0) yield piece;
    }
  })();
}

function take(given, givenOptions) {
  const { signal } = checkOptions(givenOptions);
  let left = checkCount(given);
  const stream = this;
  return (async function* taken() {
    stopIfAborted(signal);
    for await (const piece of stream) {
      stopIfAborted(signal);
      if (left-- > 0) yield piece;
      // Not read further than necessary.
      if (left <= 0) return;
    }
  })();
}

function asIndexedPairs(givenOptions) {
  const { signal } = checkOptions(givenOptions);
  const stream = this;
  return (async function* indexed() {
    let index = 0;
    for await (const piece of stream) {
      stopIfAborted(signal);
      yield [index++, piece];
    }
  })();
}

async function forEach(fn, options) {
  checkFunction(fn);
  const calls = map.call(this, async (piece, context) => {
    await fn(piece, context);
    return EMPTY;
  }, options);
  for await (const nothing of calls) void nothing;
}

async function toArray(givenOptions) {
  const { signal } = checkOptions(givenOptions);
  const pieces = [];
  for await (const piece of this) {
    stopIfAborted(signal);
    pieces.push(piece);
  }
  return pieces;
}

async function some(fn, options) {
  for await (const piece of filter.call(this, fn, options)) return piece !== EMPTY;
  return false;
}

async function every(fn, options) {
  checkFunction(fn);
  return !(await some.call(this, async (...args) => !(await fn(...args)), options));
}

async function find(fn, options) {
  for await (const piece of filter.call(this, fn, options)) return piece;
  return undefined;
}

async function reduce(fn, ...rest) {
  checkFunction(fn, 'reducer');
  const [initial, givenOptions] = rest;
  const { signal: outer } = checkOptions(givenOptions);
  let hasValue = rest.length > 0;
  let value = initial;
  if (outer?.aborted) {
    const error = abortError(outer.reason);
    this.once('error', () => {});
    if (!isDestroyed(this)) this.destroy(error);
    throw error;
  }
  const abort = new AbortController();
  const onAbort = () => abort.abort();
  outer?.addEventListener('abort', onAbort);
  try {
    let isEmpty = true;
    for await (const piece of this) {
      isEmpty = false;
      stopIfAborted(outer);
      value = hasValue ? await fn(value, piece, { signal: abort.signal }) : piece;
      hasValue = true;
    }
    if (isEmpty && !hasValue) throw nodeError(TypeError, 'ERR_MISSING_ARGS', 'Reduce of an empty stream requires an initial value');
  } finally {
    outer?.removeEventListener('abort', onAbort);
    abort.abort();
  }
  return value;
}

/** Those that answer with a stream, before they are made into one. */
export const streamOperators = { asIndexedPairs, drop, filter, flatMap, map, take };
export const promiseOperators = { every, forEach, reduce, toArray, some, find };

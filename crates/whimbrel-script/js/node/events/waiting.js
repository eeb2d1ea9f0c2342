// `events.once` and `events.on`: waiting for events as promises and as an async iterator.

import { invalidArgType, outOfRange } from '../errors.js';
import { checkListener } from './emitter.js';

/** What Node's own functions fail with when their signal is aborted; no `DOMException`, unlike the signal's reason. */
export class AbortError extends Error {
  constructor(message = 'The operation was aborted', options = undefined) {
    super(message, options);
    this.code = 'ABORT_ERR';
    this.name = 'AbortError';
  }
}

const isTarget = emitter => typeof emitter.addEventListener === 'function';

function listen(emitter, name, listener, options) {
  if (typeof emitter.on === 'function') {
    if (options?.once) emitter.once(name, listener);
    else emitter.on(name, listener);
  } else if (isTarget(emitter)) {
    emitter.addEventListener(name, listener, options);
  } else {
    throw invalidArgType('emitter', 'EventEmitter', emitter);
  }
}

function unlisten(emitter, name, listener) {
  if (typeof emitter.removeListener === 'function') emitter.removeListener(name, listener);
  else emitter.removeEventListener(name, listener);
}

function checkSignal(signal, name) {
  if (signal === null || typeof signal !== 'object' || !('aborted' in signal)) throw invalidArgType(name, 'AbortSignal', signal);
}

// Other options are not looked at, so nothing is wrong with them.
function signalOf({ signal }) {
  if (signal !== undefined) checkSignal(signal, 'options.signal');
  return signal;
}

/** Calls `listener` when `signal` is aborted, or soon if it is already. */
export function addAbortListener(signal, listener) {
  checkSignal(signal, 'signal');
  checkListener(listener);
  let stop = () => {};
  if (signal.aborted) {
    queueMicrotask(() => listener());
  } else {
    signal.addEventListener('abort', listener, { once: true });
    stop = () => signal.removeEventListener('abort', listener);
  }
  const dispose = Symbol.dispose ?? Symbol.for('nodejs.dispose');
  return { __proto__: null, [dispose]: stop };
}

/** The arguments of the next event; fails on 'error' (unless that is awaited) and when the signal is aborted. */
export async function once(emitter, name, options = {}) {
  const signal = signalOf(options ?? {});
  if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });
  return new Promise((resolve, reject) => {
    const end = () => {
      unlisten(emitter, name, onEvent);
      if (typeof emitter.removeListener === 'function') emitter.removeListener('error', onError);
      signal?.removeEventListener('abort', onAbort);
    };
    const onEvent = (...args) => {
      end();
      resolve(args);
    };
    const onError = error => {
      end();
      reject(error);
    };
    const onAbort = () => {
      end();
      reject(new AbortError(undefined, { cause: signal.reason }));
    };
    listen(emitter, name, onEvent, { once: true });
    if (name !== 'error' && typeof emitter.once === 'function') emitter.once('error', onError);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function checkWatermark(value, name) {
  if (typeof value !== 'number') throw invalidArgType(name, 'number', value);
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value);
  if (value < 1) throw outOfRange(name, `>= 1 && <= ${Number.MAX_SAFE_INTEGER}`, value);
}

const AsyncIteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}).prototype);

/** Each event from now on, as an async iterator over lists of arguments. */
export function on(emitter, name, options = {}) {
  const signal = signalOf(options);
  if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });
  const high = options.highWaterMark ?? Number.MAX_SAFE_INTEGER;
  const low = options.lowWaterMark ?? 1;
  checkWatermark(high, 'options.highWaterMark');
  checkWatermark(low, 'options.lowWaterMark');

  const arrived = [];
  const waiting = [];
  let failure = null;
  let isPaused = false;
  let isOver = false;

  const onEvent = (...args) => {
    if (waiting.length > 0) {
      waiting.shift().resolve({ value: args, done: false });
      return;
    }
    arrived.push(args);
    if (!isPaused && arrived.length > high && typeof emitter.pause === 'function') {
      isPaused = true;
      emitter.pause();
    }
  };
  const onError = error => {
    if (waiting.length > 0) waiting.shift().reject(error);
    else failure = { error };
    finish();
  };
  const onAbort = () => onError(new AbortError(undefined, { cause: signal.reason }));
  const closing = options.close ?? [];
  const finish = () => {
    unlisten(emitter, name, onEvent);
    if (name !== 'error' && typeof emitter.removeListener === 'function') emitter.removeListener('error', onError);
    for (const closer of closing) unlisten(emitter, closer, finish);
    signal?.removeEventListener('abort', onAbort);
    isOver = true;
    const end = { value: undefined, done: true };
    for (const { resolve } of waiting.splice(0)) resolve({ ...end });
    return Promise.resolve(end);
  };

  const iterator = Object.setPrototypeOf({
    next() {
      if (arrived.length > 0) {
        const value = arrived.shift();
        if (isPaused && arrived.length < low) {
          isPaused = false;
          emitter.resume();
        }
        return Promise.resolve({ value, done: false });
      }
      if (failure !== null) {
        const { error } = failure;
        failure = null;
        return Promise.reject(error);
      }
      if (isOver) return finish();
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    return: finish,
    throw(error) {
      if (!error || !(error instanceof Error)) throw invalidArgType('EventEmitter.AsyncIterator', 'Error', error);
      onError(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  }, AsyncIteratorPrototype);

  listen(emitter, name, onEvent);
  if (name !== 'error' && typeof emitter.on === 'function') emitter.on('error', onError);
  for (const closer of closing) listen(emitter, closer, finish);
  signal?.addEventListener('abort', onAbort, { once: true });
  return iterator;
}

// `timers/promises`: waiting with `await`.

import { invalidArgType } from '../errors.js';
import { abortError } from '../stream/errors.js';
import { checkSignal } from '../stream/finished.js';

function checked(options = {}) {
  if (options === null || typeof options !== 'object') throw invalidArgType('options', 'object', options);
  if (options.signal !== undefined) checkSignal(options.signal, 'options.signal');
  if (options.ref !== undefined && typeof options.ref !== 'boolean') throw invalidArgType('options.ref', 'boolean', options.ref);
  return options;
}

async function wait(start, stop, value, given) {
  const { signal } = checked(given);
  if (signal?.aborted) throw abortError(signal.reason);
  let onAbort;
  try {
    return await new Promise((resolve, reject) => {
      const timer = start(() => resolve(value));
      onAbort = () => {
        stop(timer);
        reject(abortError(signal.reason));
      };
      signal?.addEventListener('abort', onAbort);
    });
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

const setTimeout = (delay, value, options) =>
  wait(callback => globalThis.setTimeout(callback, delay), timer => globalThis.clearTimeout(timer), value, options);

const setImmediate = (value, options) =>
  wait(callback => globalThis.setImmediate(callback), timer => globalThis.clearImmediate(timer), value, options);

/** Ticks that nobody waited for are kept: each comes out once. */
async function* setInterval(delay, value, given) {
  const { signal } = checked(given);
  if (signal?.aborted) throw abortError(signal.reason);
  let due = 0;
  let wake = () => {};
  const onAbort = () => wake();
  const timer = globalThis.setInterval(() => {
    due += 1;
    wake();
  }, delay);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    while (true) {
      if (due === 0 && !signal?.aborted) await new Promise(resolve => { wake = resolve; });
      for (; due > 0; due--) yield value;
      if (signal?.aborted) throw abortError(signal.reason);
    }
  } finally {
    globalThis.clearInterval(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

const scheduler = {
  wait: (delay, options) => setTimeout(delay, undefined, options),
  yield: () => setImmediate(),
};

export default { setTimeout, setImmediate, setInterval, scheduler };

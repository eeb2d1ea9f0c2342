// The one place through which the façade reaches the operations in Rust.
//
// It remembers what is in flight (for the warning about work that nobody awaited) and gives errors the
// stack of the call, which an asynchronous error would otherwise not have.

import { fromReport } from './report.js';

/** The operations of Rust, set once by `install`. */
export let ops;

const inFlight = new Set();

export function useOps(native) {
  ops = native;
}

/** Frames of the engine itself say nothing to the author of a migration. */
export function ownFrames(stack) {
  return stack.split('\n').filter(line => line.trim() && !line.includes('whimbrel:') && !line.endsWith('(native)')).join('\n');
}

/** Gives an error the stack of the call that led to it, without the engine's own frames. */
export function placeAt(error, site) {
  if (error instanceof Error) {
    const value = `${ownFrames(site.stack)}\n`;
    Object.defineProperty(error, 'stack', { value, writable: true, configurable: true, enumerable: false });
  }
  return error;
}

/**
 * Awaits an operation that `start` sends; `label` says what it is, such as `updateMany on users`.
 * `check` may find an error in the reply and throw it; `mend` may make another error of one.
 */
export function perform(label, start, { check, mend = error => error } = {}) {
  const site = new Error();
  const entry = { label, site };
  inFlight.add(entry);
  const settle = promise => promise.then(
    value => {
      inFlight.delete(entry);
      try {
        check?.(value);
      } catch (error) {
        throw placeAt(mend(error), site);
      }
      return value;
    },
    report => {
      inFlight.delete(entry);
      throw placeAt(mend(fromReport(report)), site);
    },
  );
  try {
    return settle(start(ops));
  } catch (error) {
    inFlight.delete(entry);
    return Promise.reject(error);
  }
}

/** What was called, and where: `updateMany on users (at migrations/scripts/1.js:3:9)`. */
export function withPlace(label, site) {
  const frame = ownFrames(site.stack).split('\n')[0]?.match(/\(?([^\s()]+:\d+:\d+)\)?$/);
  return frame ? `${label} (at ${frame[1]})` : label;
}

/** What is in flight now, described. */
export function pendingOperations() {
  return [...inFlight].map(({ label, site }) => withPlace(label, site));
}

/** Copies those of `names` that `options` has. Everything else is ignored, as the driver does. */
export function pick(options, names) {
  const picked = {};
  for (const name of names) {
    if (options?.[name] !== undefined && options[name] !== null) picked[name] = options[name];
  }
  return picked;
}

let hasToldDeprecation = false;

/** Says once per run of a script, at the first such call, that it is written for an older driver. */
export function deprecate(what, instead) {
  if (hasToldDeprecation) return;
  hasToldDeprecation = true;
  ops.print('warn', `${what} is deprecated; use ${instead}`);
}

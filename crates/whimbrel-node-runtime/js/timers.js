'use strict';
// Timers that a migration's own files set: those due soon are awaited at its end, the rest is dropped there. Timers
// of packages, the driver's among them, are left alone.

const { isOwn } = require('./modules.js');

const own = new Map();
const real = { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate };

function isByProject() {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 4;
  const { stack } = new Error();
  Error.stackTraceLimit = before;
  const caller = stack.split('\n').slice(1).find(line => !line.includes('whimbrel:node/')) ?? '';
  const file = /\(?(?:file:\/\/)?(\/[^()?]+?)(?:\?[^()]*)?:\d+:\d+\)?$/.exec(caller.trim())?.[1];
  return isOwn(file);
}

function patch() {
  const once = (set, delayOf) => (callback, ...args) => {
    if (typeof callback !== 'function' || !isByProject()) return set(callback, ...args);
    const timer = set((...given) => {
      own.delete(timer);
      return callback(...given);
    }, ...args);
    own.set(timer, { due: Date.now() + delayOf(args) });
    return timer;
  };
  const promisified = { timeout: setTimeout[require('util').promisify.custom], immediate: setImmediate[require('util').promisify.custom] };
  globalThis.setTimeout = once(real.setTimeout, ([delay]) => Math.max(1, Number(delay) || 1));
  globalThis.setImmediate = once(real.setImmediate, () => 0);
  Object.defineProperty(globalThis.setTimeout, require('util').promisify.custom, { value: promisified.timeout });
  Object.defineProperty(globalThis.setImmediate, require('util').promisify.custom, { value: promisified.immediate });
  globalThis.setInterval = (callback, ...args) => {
    const timer = real.setInterval(callback, ...args);
    if (isByProject()) own.set(timer, { due: Infinity });
    return timer;
  };
  for (const name of ['clearTimeout', 'clearInterval', 'clearImmediate']) {
    globalThis[name] = timer => {
      own.delete(timer);
      real[name](timer);
    };
  }
}

const isDueWithin = milliseconds => [...own.values()].some(({ due }) => due <= Date.now() + milliseconds);

/** Drops all and says how many there were. */
function drop() {
  const count = own.size;
  for (const timer of own.keys()) real.clearTimeout(timer);
  own.clear();
  return count;
}

const pause = milliseconds => new Promise(resolve => { real.setTimeout(resolve, milliseconds); });

module.exports = { drop, isDueWithin, patch, pause, real };

'use strict';
// Timers that a migration's own files set: those due soon are awaited at its end, as in the other runtimes. They are
// known by their asynchronous context; everybody else's pass.

const { promisify } = require('node:util');
const { current } = require('../context.cjs');

let isInstalled = false;

/** Whether the nearest caller that is not ours is no package's. */
function isByProject() {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 4;
  const { stack } = new Error();
  Error.stackTraceLimit = before;
  const caller = stack.split('\n').find(line => /^\s+at /.test(line) && !line.includes(__filename));
  return caller !== undefined && !caller.includes('node:') && !/[\\/]node_modules[\\/]/.test(caller);
}

function noticed(set, delayOf) {
  const wrapped = function (callback, ...args) {
    const run = current.getStore()?.run;
    if (!run?.timers || run.isOver || typeof callback !== 'function' || !isByProject()) return set(callback, ...args);
    const timer = set(function (...given) {
      run.timers.delete(timer);
      return callback.apply(this, given);
    }, ...args);
    run.timers.set(timer, Date.now() + delayOf(args));
    return timer;
  };
  Object.defineProperty(wrapped, 'name', { value: set.name });
  Object.defineProperty(wrapped, promisify.custom, { value: set[promisify.custom] });
  return wrapped;
}

/** Once in a process. */
function watchTimers() {
  if (isInstalled) return;
  isInstalled = true;
  globalThis.setTimeout = noticed(globalThis.setTimeout, ([delay]) => Math.max(1, Number(delay) || 1));
  globalThis.setImmediate = noticed(globalThis.setImmediate, () => 0);
}

module.exports = { watchTimers };

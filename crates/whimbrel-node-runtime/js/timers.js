'use strict';
// Timers that a migration's own files set: those due soon are awaited at its end, the rest is dropped there. Timers
// of packages, the driver's among them, are left alone.

const Module = require('module');
const timers = require('timers');
const { promisify } = require('util');
const { fileOf, framesOf, isOwn, placeOf } = require('./modules.js');

const own = new Map();
const { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate } = timers;
const real = { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate };

function isByProject() {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 4;
  const { stack } = new Error();
  Error.stackTraceLimit = before;
  return isOwn(fileOf(placeOf(framesOf(stack)[0] ?? '')));
}

function once(set, dueOf) {
  const patched = (callback, ...args) => {
    if (typeof callback !== 'function' || !isByProject()) return set(callback, ...args);
    const timer = set(function (...given) {
      own.delete(timer);
      return callback.apply(this, given);
    }, ...args);
    own.set(timer, { due: dueOf(args) });
    return timer;
  };
  Object.defineProperty(patched, 'name', { value: set.name });
  Object.defineProperty(patched, promisify.custom, { value: set[promisify.custom] });
  return patched;
}

function repeated(callback, ...args) {
  const timer = real.setInterval(callback, ...args);
  if (isByProject()) own.set(timer, { due: Infinity });
  return timer;
}

/** A timer may be cleared by the number that stands for it. */
function forget(timer) {
  if (!own.delete(timer) && (typeof timer === 'number' || typeof timer === 'string')) {
    for (const one of own.keys()) if (typeof one[Symbol.toPrimitive] === 'function' && one[Symbol.toPrimitive]() === Number(timer)) own.delete(one);
  }
}

function patch() {
  const patched = {
    setTimeout: once(real.setTimeout, ([delay]) => Date.now() + Math.max(1, Number(delay) || 1)),
    setImmediate: once(real.setImmediate, () => Date.now()),
    setInterval: repeated,
  };
  for (const name of ['clearTimeout', 'clearInterval', 'clearImmediate']) {
    patched[name] = timer => {
      if (timer !== undefined && timer !== null) forget(timer);
      real[name](timer);
    };
  }
  Object.assign(globalThis, patched);
  Object.assign(timers, patched);
  Module.syncBuiltinESMExports();
}

/** Whether one is due within a time; those that were disposed of otherwise are forgotten. */
function isDueWithin(milliseconds) {
  for (const timer of own.keys()) if (timer._destroyed) own.delete(timer);
  return [...own.values()].some(({ due }) => due <= Date.now() + milliseconds);
}

/** Drops all and says how many there were. */
function drop() {
  const count = own.size;
  for (const timer of own.keys()) {
    real.clearTimeout(timer);
    real.clearImmediate(timer);
  }
  own.clear();
  return count;
}

const pause = milliseconds => new Promise(resolve => { real.setTimeout(resolve, milliseconds); });

module.exports = { drop, isDueWithin, patch, pause, real };

// Between callbacks and promises: `util.promisify` and `util.callbackify`.

import { invalidArgType, nodeError } from '../errors.js';

const custom = Symbol.for('nodejs.util.promisify.custom');

function checkFunction(value, name) {
  if (typeof value !== 'function') throw invalidArgType(name, 'Function', value);
}

/** A function that returns a promise for what `original` hands to its callback. */
export function promisify(original) {
  checkFunction(original, 'original');
  const own = original[custom];
  const fit = promised => Object.defineProperty(promised, custom, { value: promised, configurable: true });
  if (own) {
    checkFunction(own, 'util.promisify.custom');
    return fit(own);
  }
  const promised = function (...args) {
    return new Promise((resolve, reject) => {
      original.call(this, ...args, (error, value) => (error ? reject(error) : resolve(value)));
    });
  };
  Object.setPrototypeOf(promised, Object.getPrototypeOf(original));
  return Object.defineProperties(fit(promised), Object.getOwnPropertyDescriptors(original));
}
promisify.custom = custom;

// A callback needs something true to know that it failed.
function reasonOf(reason) {
  if (reason) return reason;
  const error = nodeError(Error, 'ERR_FALSY_VALUE_REJECTION', 'Promise was rejected with falsy value');
  error.reason = reason;
  return error;
}

/** A function that hands what the promise of `original` becomes to its last argument. */
export function callbackify(original) {
  checkFunction(original, 'original');
  const called = function (...args) {
    const callback = args.pop();
    checkFunction(callback, 'last argument');
    // In a task of its own: what the callback throws is not the promise's failure.
    const call = (...results) => queueMicrotask(() => callback.apply(this, results));
    original.apply(this, args).then(value => call(null, value), reason => call(reasonOf(reason)));
  };
  const descriptors = Object.getOwnPropertyDescriptors(original);
  if (typeof descriptors.length.value === 'number') descriptors.length.value += 1;
  if (typeof descriptors.name.value === 'string') descriptors.name.value += 'Callbackified';
  delete descriptors.prototype;
  return Object.defineProperties(called, descriptors);
}

// The callback forms, made of the synchronous ones.
//
// The work is done at the call. What is wrong with the arguments is thrown at once, as in Node.js; everything
// else goes to the callback.

import { invalidArgType } from '../errors.js';
import { later } from './later.js';

const isArgumentError = error => /^ERR_(?:INVALID|OUT_OF_RANGE)/.test(error?.code ?? '');

/** `results` makes the further arguments of the callback from what the function answers. */
export function callbackForm(name, sync, results = value => (value === undefined ? [] : [value])) {
  return {
    [name](...args) {
      const callback = args.at(-1);
      if (typeof callback !== 'function') throw invalidArgType('cb', 'function', callbackOf(args));
      const given = args.slice(0, -1);
      let outcome;
      try {
        outcome = [null, ...results(sync(...given), ...given)];
      } catch (error) {
        if (isArgumentError(error)) throw error;
        outcome = [error];
      }
      later(callback, ...outcome);
    },
  }[name];
}

// What stands where the callback belongs: the last argument, if there are any besides the path.
const callbackOf = args => (args.length > 1 ? args.at(-1) : undefined);

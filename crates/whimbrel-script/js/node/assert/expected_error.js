// Which error was expected: `throws`, `doesNotThrow`, `rejects`, `doesNotReject`.
//
// An expectation is a class, a pattern for the text, an object whose properties the error has to have, or a
// function that judges.

import { inspect } from '../../inspect.js';
import { describeReceived, invalidArgType, invalidArgValue, nodeError } from '../errors.js';
import { isDeepStrictEqual } from '../util/deep_equal.js';
import types from '../util/types.js';
import { AssertionError } from './assertion_error.js';

const NOTHING = Symbol('nothing was thrown');
const isObject = value => typeof value === 'object' && value !== null;
const isSubclassOfError = value => Object.prototype.isPrototypeOf.call(Error, value);
const isError = value => types.isNativeError(value) || value instanceof Error;

function fail(options) {
  if (options.message instanceof Error) throw options.message;
  throw new AssertionError(options);
}

function thrownBy(call) {
  if (typeof call !== 'function') throw invalidArgType('fn', 'Function', call);
  try {
    call();
  } catch (error) {
    return error;
  }
  return NOTHING;
}

const isPromise = value =>
  types.isPromise(value) || (isObject(value) && typeof value.then === 'function' && typeof value.catch === 'function');

async function rejectedBy(promiseOrCall) {
  let promise = promiseOrCall;
  if (typeof promiseOrCall === 'function') {
    promise = promiseOrCall();
    if (!isPromise(promise)) {
      const wanted = 'Expected instance of Promise to be returned from the "promiseFn" function';
      throw nodeError(TypeError, 'ERR_INVALID_RETURN_VALUE', `${wanted} but got ${describeReceived(promise)}.`);
    }
  } else if (!isPromise(promiseOrCall)) {
    throw invalidArgType('promiseFn', ['Function', 'Promise'], promiseOrCall);
  }
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return NOTHING;
}

// The properties that are compared, under a name that stands in the message.
class Comparison {
  constructor(source, keys, actual) {
    for (const key of keys) {
      if (!(key in source)) continue;
      // A pattern that matches stands for the text it matched.
      const isPattern = actual !== undefined && typeof actual[key] === 'string' && types.isRegExp(source[key]);
      const isMatch = isPattern && source[key].test(actual[key]);
      this[key] = isMatch ? actual[key] : source[key];
    }
  }
}

function compareProperties(actual, expected, message, operator) {
  const keys = Object.keys(expected);
  if (expected instanceof Error) keys.push('name', 'message');
  else if (keys.length === 0) throw invalidArgValue('error', expected, 'may not be an empty object');
  for (const key of keys) {
    if (typeof actual[key] === 'string' && types.isRegExp(expected[key]) && expected[key].test(actual[key])) continue;
    if (key in actual && isDeepStrictEqual(actual[key], expected[key])) continue;
    if (message) fail({ actual, expected, message, operator });
    const both = [new Comparison(actual, keys), new Comparison(expected, keys, actual)];
    const error = new AssertionError({ actual: both[0], expected: both[1], operator: 'deepStrictEqual' });
    throw Object.assign(error, { actual, expected, operator });
  }
}

// What is wrong with `actual`, or null; `judge` is a class or a function.
function complaint(actual, judge) {
  if (judge.prototype !== undefined && actual instanceof judge) return null;
  if (isSubclassOfError(judge)) {
    const received = isError(actual) ? `"${actual.name}"` : `"${inspect(actual, { depth: -1 })}"`;
    const text = isError(actual) && actual.message ? `\n\nError message:\n\n${actual.message}` : '';
    return `The error is expected to be an instance of "${judge.name}". Received ${received}${text}`;
  }
  const result = judge.call({}, actual);
  if (result === true) return null;
  const name = judge.name ? `"${judge.name}" ` : '';
  const caught = isError(actual) ? `\n\nCaught error:\n\n${actual}` : '';
  return `The ${name}validation function is expected to return "true". Received ${inspect(result)}${caught}`;
}

function checkExpectation(actual, expected, message, operator) {
  let wrong;
  if (typeof expected === 'function') {
    wrong = complaint(actual, expected);
  } else if (types.isRegExp(expected)) {
    const text = String(actual);
    const isMatch = expected.exec(text) !== null;
    wrong = isMatch ? null : `The input did not match the regular expression ${inspect(expected)}. Input:\n\n${inspect(text)}\n`;
  } else if (!isObject(actual)) {
    const error = new AssertionError({ actual, expected, message, operator: 'deepStrictEqual' });
    throw Object.assign(error, { operator });
  } else {
    compareProperties(actual, expected, message, operator);
    return;
  }
  if (wrong === null) return;
  const error = new AssertionError({ actual, expected, message: message || wrong, operator });
  throw Object.assign(error, { generatedMessage: !message });
}

function expectError(operator, actual, args) {
  let [error, message] = args;
  if (typeof error === 'string') {
    if (args.length === 2) throw invalidArgType('error', ['Object', 'Error', 'Function', 'RegExp'], error);
    const isSame = isObject(actual) ? actual.message === error : actual === error;
    if (isSame) {
      const what = isObject(actual) ? `message "${actual.message}"` : `"${actual}"`;
      const text = `The "error/message" argument is ambiguous. The error ${what} is identical to the message.`;
      throw nodeError(TypeError, 'ERR_AMBIGUOUS_ARGUMENT', text);
    }
    message = error;
    error = undefined;
  } else if (error !== undefined && error !== null && typeof error !== 'object' && typeof error !== 'function') {
    throw invalidArgType('error', ['Object', 'Error', 'Function', 'RegExp'], error);
  }
  if (actual === NOTHING) {
    const name = error?.name ? ` (${error.name})` : '';
    const kind = operator === 'rejects' ? 'rejection' : 'exception';
    fail({
      actual: undefined, expected: error, operator, message: `Missing expected ${kind}${name}${message ? `: ${message}` : '.'}`,
    });
  }
  if (error) checkExpectation(actual, error, message, operator);
}

function matches(actual, expected) {
  if (types.isRegExp(expected)) return expected.exec(String(actual)) !== null;
  if (typeof expected !== 'function') throw invalidArgType('expected', ['Function', 'RegExp'], expected);
  if (expected.prototype !== undefined && actual instanceof expected) return true;
  return !isSubclassOfError(expected) && expected.call({}, actual) === true;
}

function expectNoError(operator, actual, [error, message]) {
  if (actual === NOTHING) return;
  const text = typeof error === 'string' ? error : message;
  const expected = typeof error === 'string' ? undefined : error;
  if (expected && !matches(actual, expected)) throw actual;
  const kind = operator === 'doesNotReject' ? 'rejection' : 'exception';
  fail({
    actual, expected, operator,
    message: `Got unwanted ${kind}${text ? `: ${text}` : '.'}\nActual message: "${actual && actual.message}"`,
  });
}

export const errorAssertions = {
  throws(fn, ...args) { expectError('throws', thrownBy(fn), args); },
  async rejects(promiseFn, ...args) { expectError('rejects', await rejectedBy(promiseFn), args); },
  doesNotThrow(fn, ...args) { expectNoError('doesNotThrow', thrownBy(fn), args); },
  async doesNotReject(fn, ...args) { expectNoError('doesNotReject', await rejectedBy(fn), args); },
};

// `assert`: checks that throw.
//
// The messages are those of Node.js, with two exceptions: `assert(value)` cannot quote the line it stands on, and
// the difference of large values may be laid out otherwise (`assert/diff.js`). `CallTracker` is not offered.

import { inspect } from '../inspect.js';
import { AssertionError } from './assert/assertion_error.js';
import { errorAssertions } from './assert/expected_error.js';
import { invalidArgType, nodeError } from './errors.js';
import { isDeepEqual, isDeepStrictEqual } from './util/deep_equal.js';
import types from './util/types.js';

function fail(options) {
  if (options.message instanceof Error) throw options.message;
  throw new AssertionError(options);
}

function check(args) {
  const [value, given] = args;
  if (value) return;
  if (given instanceof Error) throw given;
  const isMissing = args.length === 0;
  const message = isMissing ? 'No value argument passed to `assert.ok()`' : given;
  const error = new AssertionError({ actual: value, expected: true, message, operator: '==' });
  if (isMissing || given === undefined || given === null) error.generatedMessage = true;
  throw error;
}

function assert(...args) {
  check(args);
}

// `holds` decides; the operator stands in the error.
const comparison = (name, operator, holds) => ({
  [name](...args) {
    if (args.length < 2) {
      throw nodeError(TypeError, 'ERR_MISSING_ARGS', 'The "actual" and "expected" arguments must be specified');
    }
    const [actual, expected, message] = args;
    if (!holds(actual, expected)) fail({ actual, expected, message, operator });
  },
})[name];

// The loose comparison of the language, save that NaN equals itself.
const looselyEqual = (a, b) => a == b || (Number.isNaN(a) && Number.isNaN(b));

const pattern = (name, isWanted) => ({
  [name](text, regexp, message) {
    if (!types.isRegExp(regexp)) throw invalidArgType('regexp', 'RegExp', regexp);
    if (typeof text === 'string' && (regexp.exec(text) !== null) === isWanted) return;
    if (message instanceof Error) throw message;
    const wish = isWanted ? 'did not match' : 'was expected to not match';
    const generated = typeof text === 'string'
      ? `The input ${wish} the regular expression ${inspect(regexp)}. Input:\n\n${inspect(text)}\n`
      : `The "string" argument must be of type string. Received type ${typeof text} (${inspect(text)})`;
    const error = new AssertionError({ actual: text, expected: regexp, message: message || generated, operator: name });
    throw Object.assign(error, { generatedMessage: !message });
  },
})[name];

function ifError(value) {
  if (value === null || value === undefined) return;
  let text = inspect(value);
  if (typeof value === 'object' && typeof value.message === 'string') {
    text = value.message.length === 0 && value.constructor ? value.constructor.name : value.message;
  }
  throw new AssertionError({
    actual: value, expected: null, operator: 'ifError', message: `ifError got unwanted exception: ${text}`,
  });
}

function failNow(...args) {
  const [actual, expected, message, operator] = args;
  const given = args.length === 1 ? actual : message;
  if (given instanceof Error) throw given;
  const isBare = args.length <= 1 && (actual === undefined || actual === null);
  const options = {
    actual: args.length === 1 && !isBare ? undefined : actual, expected, operator: operator ?? (args.length === 2 ? '!=' : 'fail'),
  };
  const text = isBare ? 'Failed' : given;
  if (text !== undefined) options.message = text;
  const error = new AssertionError(options);
  if (isBare) error.generatedMessage = true;
  throw error;
}

Object.assign(assert, {
  fail: failNow,
  AssertionError,
  ok(...args) { check(args); },
  equal: comparison('equal', '==', looselyEqual),
  notEqual: comparison('notEqual', '!=', (a, b) => !looselyEqual(a, b)),
  deepEqual: comparison('deepEqual', 'deepEqual', isDeepEqual),
  notDeepEqual: comparison('notDeepEqual', 'notDeepEqual', (a, b) => !isDeepEqual(a, b)),
  deepStrictEqual: comparison('deepStrictEqual', 'deepStrictEqual', isDeepStrictEqual),
  notDeepStrictEqual: comparison('notDeepStrictEqual', 'notDeepStrictEqual', (a, b) => !isDeepStrictEqual(a, b)),
  strictEqual: comparison('strictEqual', 'strictEqual', Object.is),
  notStrictEqual: comparison('notStrictEqual', 'notStrictEqual', (a, b) => !Object.is(a, b)),
  ...errorAssertions,
  ifError,
  match: pattern('match', true),
  doesNotMatch: pattern('doesNotMatch', false),
});

function strict(...args) {
  check(args);
}
Object.assign(strict, assert, {
  equal: assert.strictEqual,
  deepEqual: assert.deepStrictEqual,
  notEqual: assert.notStrictEqual,
  notDeepEqual: assert.notDeepStrictEqual,
});
assert.strict = strict;
strict.strict = strict;

export default assert;

// `AssertionError`, and the message it writes when none was given.

import { inspect } from '../../inspect.js';
import { invalidArgType } from '../errors.js';
import { diffLines } from './diff.js';

const CUSTOM = Symbol.for('nodejs.util.inspect.custom');

const HEADINGS = {
  deepStrictEqual: 'Expected values to be strictly deep-equal:',
  strictEqual: 'Expected values to be strictly equal:',
  strictEqualObject: 'Expected "actual" to be reference-equal to "expected":',
  deepEqual: 'Expected values to be loosely deep-equal:',
  notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:',
  notStrictEqual: 'Expected "actual" to be strictly unequal to:',
  notStrictEqualObject: 'Expected "actual" not to be reference-equal to "expected":',
  notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
  notIdentical: 'Values have same structure but are not reference-equal:',
  notDeepEqualUnequal: 'Expected values not to be loosely deep-equal:',
};
// Two short values are told apart on one line.
const SHORT = 12;
const LINE = 80;

const show = value => inspect(value, {
  compact: false, customInspect: false, depth: 1000, maxArrayLength: Infinity, showHidden: false, showProxy: false, sorted: true,
  getters: true,
});
const isObject = value => (typeof value === 'object' && value !== null) || typeof value === 'function';
const clipped = (text, most) => (text.length > most ? `${text.slice(0, most - 3)}...` : text);
const clippedLines = (lines, most) => (lines.length > most ? [...lines.slice(0, most - 3), '...'] : lines);

// Points at the first character that differs, if the lines begin alike.
function pointer(left, right) {
  if (left.length + right.length > LINE + 2) return '';
  let i = 0;
  while (i < left.length && left[i] === right[i]) i += 1;
  return i > 2 && i < left.length && i < right.length ? `\n${' '.repeat(i + 2)}^` : '';
}

// What the caller says takes the place of the heading; the difference follows all the same.
function strictMessage({ actual, expected, operator, message }) {
  const [left, right] = [show(actual).split('\n'), show(expected).split('\n')];
  const isReference = operator === 'strictEqual' && isObject(actual) && isObject(expected) && typeof actual === typeof expected;
  if (left.join('\n') === right.join('\n')) {
    const lines = clippedLines(left, 50);
    return `${message || HEADINGS.notIdentical}\n\n${lines.join('\n')}\n`;
  }
  const heading = message || HEADINGS[isReference ? 'strictEqualObject' : operator];
  if (left.length === 1 && right.length === 1) {
    const isPlain = !(typeof actual === 'object' && actual !== null) && !(typeof expected === 'object' && expected !== null);
    const isShort = left[0].length + right[0].length <= SHORT && isPlain && (actual !== 0 || expected !== 0);
    if (isShort) return `${heading}\n\n${left[0]} !== ${right[0]}\n`;
    return `${heading}\n+ actual - expected\n\n+ ${left[0]}\n- ${right[0]}${isReference ? '' : pointer(left[0], right[0])}`;
  }
  const { text, isCut } = diffLines(left, right);
  return `${heading}\n+ actual - expected${isCut ? ' ... Lines skipped' : ''}\n\n${text}`;
}

function unequalMessage(actual, operator) {
  const heading = HEADINGS[operator === 'notStrictEqual' && isObject(actual) ? 'notStrictEqualObject' : operator];
  const lines = clippedLines(show(actual).split('\n'), 50);
  if (lines.length > 1) return `${heading}\n\n${lines.join('\n')}\n`;
  return `${heading}${lines[0].length > 5 ? '\n\n' : ' '}${lines[0]}`;
}

function looseMessage(actual, expected, operator) {
  const [left, right] = [show(actual), show(expected)];
  if (operator === 'notDeepEqual' && left === right) {
    return clipped(`${HEADINGS.notDeepEqual}\n\n${left}`, 1024);
  }
  const [a, b] = [clipped(left, 512), clipped(right, 512)];
  if (operator === 'deepEqual') return `${HEADINGS.deepEqual}\n\n${a}\n\nshould loosely deep-equal\n\n${b}`;
  if (operator === 'notDeepEqual') return `${HEADINGS.notDeepEqualUnequal}\n\n${a}\n\nshould not loosely deep-equal\n\n${b}`;
  return `${a} ${operator} ${b}`;
}

function messageOf(options) {
  const { actual, expected, operator, message } = options;
  if (operator === 'deepStrictEqual' || operator === 'strictEqual') return strictMessage(options);
  if (message !== undefined && message !== null) return String(message);
  if (operator === 'notDeepStrictEqual' || operator === 'notStrictEqual') return unequalMessage(actual, operator);
  return looseMessage(actual, expected, operator);
}

export class AssertionError extends Error {
  constructor(options) {
    if (options === null || typeof options !== 'object' || Array.isArray(options)) {
      throw invalidArgType('options', 'Object', options);
    }
    const { message, operator, actual, expected } = options;
    super(messageOf(options));
    this.generatedMessage = !message;
    Object.defineProperty(this, 'name', {
      value: 'AssertionError', enumerable: false, writable: true, configurable: true,
    });
    this.code = 'ERR_ASSERTION';
    this.actual = actual;
    this.expected = expected;
    this.operator = operator;
  }

  toString() {
    return `${this.name} [${this.code}]: ${this.message}`;
  }

  // Long values are in the message already.
  [CUSTOM](depth, options, print = inspect) {
    return print(this, { ...options, customInspect: false, depth: 0 });
  }
}

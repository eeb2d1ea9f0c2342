// Errors as Node.js makes them: a code to test for, and messages in its words.
//
// Scripts test `error.code`, people search for the message; so both are exactly those of Node.js 20. The
// class stays the plain one (`error.constructor === TypeError`), only `String(error)` adds the code:
// `TypeError [ERR_INVALID_ARG_TYPE]: The "size" argument …`. Each module words its rarer errors itself,
// with `nodeError`; the three that all of them need are here.

import { inspect } from '../inspect.js';

const TYPE_NAMES = new Set([
  'string', 'function', 'number', 'object', 'Function', 'Object', 'boolean', 'bigint', 'symbol',
]);
// `Buffer` or `TypedArray`; anything else, such as `Array-like Object`, is a description.
const CLASS_NAME = /^(?:[A-Z][a-z0-9]*)+$/;
// Numbers beyond this are grouped by thousands.
const LONG_NUMBER = 2 ** 32;

const subclasses = new Map();

// A class between the error and `Base`, which hides itself: it must not show as a name of its own.
function subclassOf(Base) {
  const known = subclasses.get(Base);
  if (known !== undefined) return known;
  const Subclass = class extends Base {
    toString() {
      return `${this.name} [${this.code}]: ${this.message}`;
    }
  };
  Object.defineProperty(Subclass.prototype, 'constructor', { value: Base });
  subclasses.set(Base, Subclass);
  return Subclass;
}

/** An error of class `Base` with `code`; further arguments go to `Base` (`{ cause }`). */
export function nodeError(Base, code, message, ...rest) {
  const error = new (subclassOf(Base))(message, ...rest);
  error.code = code;
  return error;
}

// `a`, `a or b`, `a, b, or c`.
function alternatives(words) {
  if (words.length <= 2) return words.join(' or ');
  return `${words.slice(0, -1).join(', ')}, or ${words.at(-1)}`;
}

function expectation(expected) {
  const all = [expected].flat();
  let types = all.filter(word => TYPE_NAMES.has(word)).map(word => word.toLowerCase());
  const classes = all.filter(word => !TYPE_NAMES.has(word) && CLASS_NAME.test(word));
  const others = all.filter(word => !TYPE_NAMES.has(word) && !CLASS_NAME.test(word));
  // Beside classes, "of type object" would be said to include them.
  if (classes.length > 0 && types.includes('object')) {
    types = types.filter(word => word !== 'object');
    classes.push('Object');
  }
  const parts = [];
  if (types.length > 0) parts.push(`${types.length > 1 ? 'one of type' : 'of type'} ${alternatives(types)}`);
  if (classes.length > 0) parts.push(`an instance of ${alternatives(classes)}`);
  if (others.length > 1) parts.push(`one of ${alternatives(others)}`);
  else if (others.length === 1) parts.push(others[0].toLowerCase() === others[0] ? others[0] : `an ${others[0]}`);
  return parts.join(' or ');
}

/** What a value is, for the end of a message: `type number (5)`, `an instance of Date`. */
export function describeReceived(value) {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value === 'object') {
    const name = value.constructor?.name;
    return name === undefined ? inspect(value, { depth: -1 }) : `an instance of ${name}`;
  }
  return `type ${typeof value} (${shownPrimitive(value)})`;
}

function shownPrimitive(value) {
  if (typeof value !== 'string') return inspect(value);
  const text = value.length > 28 ? `${value.slice(0, 25)}...` : value;
  // Line ends and the like stay as they are.
  return text.includes("'") ? JSON.stringify(text) : `'${text}'`;
}

const subjectOf = name => {
  if (name.endsWith(' argument')) return name;
  return `"${name}" ${name.includes('.') ? 'property' : 'argument'}`;
};

/** `expected` is a type, a class name or a description, or a list of them. */
export function invalidArgType(name, expected, actual) {
  const message = `The ${subjectOf(name)} must be ${expectation(expected)}. Received ${describeReceived(actual)}`;
  return nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', message);
}

// Counts characters, not digits, as Node does: 1e21 becomes `1e_+21`.
const grouped = text => text.replace(/(?<=[^-])(?=(?:.{3})+$)/g, '_');

function receivedNumber(value) {
  if (typeof value === 'bigint') {
    const isLong = value > BigInt(LONG_NUMBER) || value < -BigInt(LONG_NUMBER);
    return `${isLong ? grouped(String(value)) : value}n`;
  }
  if (Number.isInteger(value) && Math.abs(value) > LONG_NUMBER) return grouped(String(value));
  return inspect(value);
}

/** `range` completes "It must be …". */
export function outOfRange(name, range, received) {
  const message = `The value of "${name}" is out of range. It must be ${range}. Received ${receivedNumber(received)}`;
  return nodeError(RangeError, 'ERR_OUT_OF_RANGE', message);
}

/** `reason` completes "The argument 'name' …". */
export function invalidArgValue(name, value, reason = 'is invalid') {
  let shown = inspect(value);
  if (shown.length > 128) shown = `${shown.slice(0, 128)}...`;
  const message = `The ${name.includes('.') ? 'property' : 'argument'} '${name}' ${reason}. Received ${shown}`;
  return nodeError(TypeError, 'ERR_INVALID_ARG_VALUE', message);
}

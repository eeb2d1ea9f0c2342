// `format`: printf-style text, as `console.log` and `util.format` of Node.js read it.
//
// See `../inspect.js` for everything that is not a bare string.

import { inspect } from '../inspect.js';
import { numberText } from './text.js';

// True when String(value) would only say `[object …]` or the like: nobody wrote a `toString` for it.
function lacksOwnText(value) {
  if (Object.hasOwn(value, Symbol.toPrimitive)) return false;
  if (typeof value.toString !== 'function') return true;
  if (Object.hasOwn(value, 'toString')) return false;
  let holder = Object.getPrototypeOf(value);
  while (holder !== null && !Object.hasOwn(holder, 'toString')) holder = Object.getPrototypeOf(holder);
  const made = holder && Object.getOwnPropertyDescriptor(holder, 'constructor')?.value;
  return typeof made === 'function' && /^[A-Z]/.test(made.name) && globalThis[made.name] === made;
}

function jsonText(value) {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // Engines word it differently; a circle is the one failure that is no fault of the value's own code.
    if (error instanceof TypeError && /circular/i.test(error.message)) return '[Circular]';
    throw error;
  }
}

const CONVERSIONS = {
  s: value => {
    if (typeof value === 'number') return numberText(value);
    if (typeof value === 'bigint') return `${value}n`;
    if (typeof value !== 'object' || value === null || !lacksOwnText(value)) return String(value);
    return inspect(value, { depth: 0 });
  },
  d: value => {
    if (typeof value === 'bigint') return `${value}n`;
    return typeof value === 'symbol' ? 'NaN' : numberText(Number(value));
  },
  i: value => {
    if (typeof value === 'bigint') return `${value}n`;
    return typeof value === 'symbol' ? 'NaN' : numberText(parseInt(value));
  },
  f: value => (typeof value === 'symbol' ? 'NaN' : numberText(parseFloat(value))),
  j: jsonText,
  o: value => inspect(value, { showHidden: true, showProxy: true, depth: 4 }),
  O: value => inspect(value),
  c: () => '',
};

/** One line of `console.log`: printf-style when the first argument is text, the rest appended. */
export function format(...args) {
  const [first, ...rest] = args;
  if (args.length === 0) return '';
  const shown = value => (typeof value === 'string' ? value : inspect(value));
  if (typeof first !== 'string' || rest.length === 0) return args.map(shown).join(' ');
  const text = first.replace(/%([sdifjoOc%])/g, (whole, letter) => {
    if (letter === '%') return '%';
    return rest.length === 0 ? whole : CONVERSIONS[letter](rest.shift());
  });
  return [text, ...rest.map(shown)].join(' ');
}

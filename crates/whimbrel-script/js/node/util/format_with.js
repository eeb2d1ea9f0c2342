// `util.formatWithOptions`: `format` with options for whatever is inspected on the way.

import { format, inspect } from '../../inspect.js';
import { invalidArgType } from '../errors.js';

// What `format` would inspect is turned into text first; it then only puts the pieces together.
export function formatWithOptions(options, ...args) {
  if (options === null || typeof options !== 'object') throw invalidArgType('inspectOptions', 'object', options);
  const [first, ...rest] = args;
  const shown = (value, more) => (typeof value === 'string' ? value : inspect(value, { ...options, ...more }));
  if (typeof first !== 'string' || rest.length === 0) return args.map(value => shown(value)).join(' ');

  const left = [...rest];
  const given = [];
  const text = first.replace(/%([sdifjoOc%])/g, (whole, letter) => {
    if (letter === '%' || left.length === 0) return whole;
    const value = left.shift();
    const isInspected = letter === 'o' || letter === 'O';
    if (!isInspected) given.push(value);
    else if (letter === 'O') given.push(inspect(value, options));
    else given.push(inspect(value, { ...options, showHidden: true, showProxy: true, depth: 4 }));
    return isInspected ? '%s' : whole;
  });
  return [given.length > 0 ? format(text, ...given) : text.replaceAll('%%', '%'), ...left.map(value => shown(value))].join(' ');
}

// `console.table`: rows and columns in a frame.

import { inspect } from '../inspect.js';

const INDEX = '(index)';
const VALUES = 'Values';

const isObject = value => value !== null && (typeof value === 'object' || typeof value === 'function');

const show = value => inspect(value, { depth: isObject(value) ? 0 : 2, maxArrayLength: 3, breakLength: Infinity });

const widthOf = text => [...text].length;

function frame(heads, rows) {
  const widths = heads.map((head, at) => Math.max(widthOf(head), ...rows.map(row => widthOf(row[at]))) + 2);
  const cell = (text, at) => ` ${text}${' '.repeat(widths[at] - widthOf(text) - 1)}`;
  const line = (left, middle, right) => left + widths.map(width => '─'.repeat(width)).join(middle) + right;
  const body = row => `│${row.map(cell).join('│')}│`;
  return [line('┌', '┬', '┐'), body(heads), line('├', '┼', '┤'), ...rows.map(body), line('└', '┴', '┘')].join('\n');
}

/** `[index, value]` of each row. */
function rowsOf(data) {
  if (data instanceof Map) return [...data].map(([key, value], at) => [String(at), { Key: key, Values: value }]);
  if (data instanceof Set) return [...data].map((value, at) => [String(at), value]);
  return Object.keys(data).map(key => [key, data[key]]);
}

/** The table as text; what is no collection of rows is given back as it is. */
export function makeTable(data, columns) {
  if (!isObject(data)) return data;
  const names = columns === undefined ? [] : [...columns];
  const rows = rowsOf(data);
  let hasValues = false;
  for (const [, value] of rows) {
    if (!isObject(value)) hasValues = true;
    else if (columns === undefined) for (const key of Object.keys(value)) if (!names.includes(key)) names.push(key);
  }
  const heads = [INDEX, ...names, ...(hasValues ? [VALUES] : [])];
  const cells = rows.map(([index, value]) => [
    index,
    ...names.map(name => (isObject(value) && Object.hasOwn(value, name) ? show(value[name]) : '')),
    ...(hasValues ? [isObject(value) ? '' : show(value)] : []),
  ]);
  return frame(heads, cells);
}

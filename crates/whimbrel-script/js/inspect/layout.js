// How printed members become one line, several lines, or columns. See `../inspect.js`.
//
// The numbers are Node's: an object stays on one line while it nests at most `compact` levels and fits
// `breakLength`; arrays of more than six short items are set in columns.

import { textWidth } from './text.js';

const SEPARATOR = 2;
const MAX_COLUMNS = 15;
// A character is about this much taller than wide; makes the block of columns roughly square.
const CHARACTER_HEIGHT = 2.5;

function columnCount(ctx, cells, widest, total, count) {
  const cell = widest + SEPARATOR;
  const bias = Math.sqrt(cell - total / count);
  const biased = Math.max(cell - 3 - bias, 1);
  return Math.min(
    Math.round(Math.sqrt(CHARACTER_HEIGHT * biased * cells) / biased),
    Math.floor((ctx.breakLength - ctx.indentation) / cell),
    ctx.compact * 4,
    MAX_COLUMNS
  );
}

function inColumns(ctx, output, value) {
  // The closing "... more items" takes no part in the columns.
  const cells = ctx.maxArrayLength < output.length ? output.length - 1 : output.length;
  const widths = output.slice(0, cells).map(textWidth);
  const widest = Math.max(...widths);
  const total = widths.reduce((sum, width) => sum + width + SEPARATOR, 0);
  const cell = widest + SEPARATOR;
  const isShort = cell * 3 + ctx.indentation < ctx.breakLength;
  if (!isShort || (total / cell <= 5 && widest > 6)) return output;
  const columns = columnCount(ctx, cells, widest, total, output.length);
  if (columns <= 1) return output;

  const columnWidths = Array.from({ length: columns }, (_, column) =>
    widths.reduce((most, width, i) => (i % columns === column ? Math.max(most, width) : most), 0) + SEPARATOR
  );
  const isNumber = item => typeof item === 'number' || typeof item === 'bigint';
  const alignRight = value !== undefined && output.every((_, i) => isNumber(value[i]));
  const rows = [];
  for (let start = 0; start < cells; start += columns) {
    const end = Math.min(start + columns, cells);
    let row = '';
    for (let i = start; i < end; i++) {
      const isLast = i === end - 1;
      const text = isLast ? output[i] : `${output[i]}, `;
      const width = columnWidths[i - start] + output[i].length - widths[i];
      if (alignRight) row += text.padStart(isLast ? width - SEPARATOR : width);
      else row += isLast ? text : text.padEnd(width);
    }
    rows.push(row);
  }
  return [...rows, ...output.slice(cells)];
}

function fitsLine(ctx, output, start, base) {
  const length = output.reduce((sum, text) => sum + text.length, output.length + start);
  return length <= ctx.breakLength && !base.includes('\n');
}

/** Puts braces round the members. `level` is the depth of the members, for the rule about nesting. */
export function joinOutput(ctx, members, { base, open, close, isList }, level, value) {
  const before = base === '' ? '' : `${base} `;
  let output = members;
  if (ctx.compact >= 1) {
    if (isList && members.length > 6) output = inColumns(ctx, members, value);
    if (ctx.level - level < ctx.compact && output.length === members.length) {
      const start = output.length + ctx.indentation + open.length + base.length + 10;
      const line = output.join(', ');
      if (fitsLine(ctx, output, start, base) && !line.includes('\n')) return `${before}${open} ${line} ${close}`;
    }
  }
  const indent = `\n${' '.repeat(ctx.indentation)}`;
  return `${before}${open}${indent}  ${output.join(`,${indent}  `)}${indent}${close}`;
}

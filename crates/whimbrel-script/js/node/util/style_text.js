// `util.styleText` and `util.stripVTControlCharacters`: colours of terminals.
//
// What a migration prints goes through the tool, which decides on colours; so `styleText` leaves the text as it
// is, as Node.js does where the output is no terminal. With `{ validateStream: false }` it colours always.

import { invalidArgType, invalidArgValue } from '../errors.js';

const SHADES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
const upper = name => name[0].toUpperCase() + name.slice(1);
const shades = (start, nameOf, end) => SHADES.map((shade, i) => [nameOf(shade), [start + i, end]]);
const bright = shade => (shade === 'black' ? 'gray' : `${shade}Bright`);

/** The codes that begin and end each style. */
export const STYLES = Object.assign(Object.create(null), Object.fromEntries([
  ['reset', [0, 0]], ['bold', [1, 22]], ['dim', [2, 22]], ['italic', [3, 23]], ['underline', [4, 24]], ['blink', [5, 25]],
  ['inverse', [7, 27]], ['hidden', [8, 28]], ['strikethrough', [9, 29]], ['doubleunderline', [21, 24]],
  ...shades(30, shade => shade, 39), ...shades(40, shade => `bg${upper(shade)}`, 49),
  ['framed', [51, 54]], ['overlined', [53, 55]],
  ...shades(90, bright, 39), ...shades(100, shade => `bg${upper(bright(shade))}`, 49),
]));
// Other names for the same; they are understood, not listed.
const ALIASES = {
  grey: 'gray', blackBright: 'gray', bgGrey: 'bgGray', bgBlackBright: 'bgGray', strikeThrough: 'strikethrough',
  crossedout: 'strikethrough', crossedOut: 'strikethrough', faint: 'dim', conceal: 'hidden', swapcolors: 'inverse',
  swapColors: 'inverse', doubleUnderline: 'doubleunderline',
};

export function styleText(format, text, { validateStream = true } = {}) {
  if (typeof text !== 'string') throw invalidArgType('text', 'string', text);
  if (typeof validateStream !== 'boolean') throw invalidArgType('options.validateStream', 'boolean', validateStream);
  const codes = [format].flat().map(name => {
    const known = STYLES[name] ?? STYLES[ALIASES[name]];
    const names = Object.keys(STYLES).map(style => `'${style}'`).join(', ');
    if (known === undefined) throw invalidArgValue('format', name, `must be one of: ${names}`);
    return known;
  });
  if (validateStream) return text;
  return codes.reduceRight((inner, [start, end]) => `\x1b[${start}m${inner}\x1b[${end}m`, text);
}

// ECMA-48: control sequences, commands to the system (titles, links) up to their end mark, single escapes.
const SEQUENCES = /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)|\x1b[ -/]*[0-~]/g;

export function stripVTControlCharacters(text) {
  if (typeof text !== 'string') throw invalidArgType('str', 'string', text);
  return text.replace(SEQUENCES, '');
}

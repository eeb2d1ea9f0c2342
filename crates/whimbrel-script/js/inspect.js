// `inspect` and `format`: values as text, the way `console.log` of Node.js shows them.
//
// People compare what a migration prints under Whimbrel with what it printed under Node, so the layout
// rules (what fits on a line, when arrays become columns, how deep it goes) are Node's. Without colours,
// and without a look into proxies and promises: the language offers none. This file walks values; what
// each kind of object looks like is in `inspect/shapes.js`, lines and columns in `inspect/layout.js`,
// strings and keys in `inspect/text.js`, printf in `inspect/format.js`. BSON types print themselves
// (`nodejs.util.inspect.custom`).

import { joinOutput } from './inspect/layout.js';
import { prefixOf } from './inspect/prefix.js';
import { describe } from './inspect/shapes.js';
import { numberText, plural, quote, quoteKey } from './inspect/text.js';

export { format } from './inspect/format.js';

const CUSTOM = Symbol.for('nodejs.util.inspect.custom');
const DEFAULTS = Object.freeze({
  showHidden: false, depth: 2, colors: false, customInspect: true, showProxy: false, maxArrayLength: 100,
  maxStringLength: 10000, breakLength: 80, compact: 3, sorted: false, getters: false, numericSeparator: false,
});

/** `inspect(value, options)`, or with Node's old positional arguments. */
export function inspect(value, options, depth, colors) {
  const settings = typeof options === 'object' && options !== null ? options : {};
  const ctx = { ...DEFAULTS, ...settings, seen: [], circular: new Map(), indentation: 0, level: 0 };
  if (typeof options === 'boolean') ctx.showHidden = options;
  if (typeof options !== 'object' && depth !== undefined) ctx.depth = depth;
  if (typeof options !== 'object' && colors !== undefined) ctx.colors = colors;
  ctx.userOptions = settings;
  ctx.noLimit = ctx.depth === null;
  ctx.maxArrayLength ??= Infinity;
  ctx.maxStringLength ??= Infinity;
  ctx.depth ??= Infinity;
  return formatValue(ctx, value, 0);
}
inspect.custom = CUSTOM;
inspect.defaultOptions = DEFAULTS;

function formatValue(ctx, value, level) {
  if (value === null) return 'null';
  if (typeof value !== 'object' && typeof value !== 'function') return formatPrimitive(ctx, value);
  const custom = ctx.customInspect ? value[CUSTOM] : undefined;
  const isPrototype = value.constructor && value.constructor.prototype === value;
  if (typeof custom === 'function' && custom !== inspect && !isPrototype) {
    // `null` (no limit) is handed on as it was given.
    const left = ctx.noLimit ? null : ctx.depth - level;
    const options = { ...DEFAULTS, ...ctx.userOptions, stylize: text => String(text) };
    const shown = custom.call(value, left, options, inspect);
    if (shown !== value) {
      if (typeof shown === 'object') return formatValue(ctx, shown, level);
      return String(shown).replaceAll('\n', `\n${' '.repeat(ctx.indentation)}`);
    }
  }
  if (ctx.seen.includes(value)) {
    if (!ctx.circular.has(value)) ctx.circular.set(value, ctx.circular.size + 1);
    return `[Circular *${ctx.circular.get(value)}]`;
  }
  return formatObject(ctx, value, level);
}

function formatPrimitive(ctx, value) {
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'string') return String(value);
  const rest = value.length - ctx.maxStringLength;
  const trailer = rest > 0 ? `... ${rest} more character${plural(rest)}` : '';
  const text = rest > 0 ? value.slice(0, ctx.maxStringLength) : value;
  // Long text is broken after its line ends, and only there.
  if (ctx.compact !== true && text.length > 16 && text.length > ctx.breakLength - ctx.indentation - 4) {
    const lines = text.split(/(?<=\n)/);
    return lines.map(line => quote(line)).join(` +\n${' '.repeat(ctx.indentation + 2)}`) + trailer;
  }
  return quote(text) + trailer;
}

// The name of the nearest constructor; null when there is none on the way up.
function constructorName(ctx, value, level) {
  for (let object = value; object !== null; object = Object.getPrototypeOf(object)) {
    const made = Object.getOwnPropertyDescriptor(object, 'constructor')?.value;
    if (typeof made === 'function' && made.name !== '' && isInstance(value, made)) return made.name;
  }
  const parent = Object.getPrototypeOf(value);
  if (parent === null) return null;
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  if (level > ctx.depth) return `${kind} <Complex prototype>`;
  const above = constructorName(ctx, parent, level + 1);
  return `${kind} <${above ?? inspect(parent, { ...ctx.userOptions, customInspect: false, depth: -1 })}>`;
}

function isInstance(value, made) {
  try {
    return value instanceof made;
  } catch {
    return false;
  }
}

// The `Symbol.toStringTag` of a class; one that the object has itself is shown as a property instead.
function tagOf(value, ctx) {
  const tag = value[Symbol.toStringTag];
  if (typeof tag !== 'string' || tag === '') return '';
  const own = Object.getOwnPropertyDescriptor(value, Symbol.toStringTag);
  return own !== undefined && (ctx.showHidden || own.enumerable) ? '' : tag;
}

// What a shape may ask for while it lists its entries.
const printerOf = (ctx, level) => ({
  limit: ctx.maxArrayLength,
  value: inner => indented(ctx, 2, () => formatValue(ctx, inner, level)),
  member: (holder, key) => formatMember(ctx, holder, level, key),
});

function formatObject(ctx, value, level) {
  const name = constructorName(ctx, value, level);
  const tag = tagOf(value, ctx);
  const print = inner => formatPrimitive({ ...ctx, breakLength: Infinity }, inner);
  const shape = describe(value, { name, tag, showHidden: ctx.showHidden, indentation: ctx.indentation, print });
  if (shape.keys.length === 0 && shape.bare) return shape.bare;
  if (level > ctx.depth) {
    if (shape.isText) return shape.base;
    const shown = prefixOf(name, tag, Array.isArray(value) ? 'Array' : 'Object').slice(0, -1);
    return name === null ? shown : `[${shown}]`;
  }
  ctx.seen.push(value);
  ctx.level = level + 1;
  const output = shape.entries(value, printerOf(ctx, level + 1));
  for (const key of shape.keys) output.push(formatProperty(ctx, value, level + 1, key));
  ctx.seen.pop();
  if (ctx.sorted) {
    // Of a list only the named members; the items have their order.
    const items = shape.isList ? output.length - shape.keys.length : 0;
    output.push(...output.splice(items).sort(ctx.sorted === true ? undefined : ctx.sorted));
  }
  let { base } = shape;
  if (ctx.circular.has(value)) base = `<ref *${ctx.circular.get(value)}>${base === '' ? '' : ` ${base}`}`;
  return joinOutput(ctx, output, { ...shape, base }, level + 1, value);
}

function indented(ctx, by, print) {
  ctx.indentation += by;
  try {
    return print();
  } finally {
    ctx.indentation -= by;
  }
}

function formatMember(ctx, holder, level, key) {
  const own = Object.getOwnPropertyDescriptor(holder, key) ?? { value: holder[key], enumerable: true };
  if (own.get !== undefined) return own.set !== undefined ? '[Getter/Setter]' : '[Getter]';
  if (own.set !== undefined) return '[Setter]';
  return indented(ctx, 2, () => formatValue(ctx, own.value, level));
}

function formatProperty(ctx, holder, level, key) {
  const own = Object.getOwnPropertyDescriptor(holder, key);
  const text = formatMember(ctx, holder, level, key);
  if (typeof key === 'symbol') return `[${String(key)}]: ${text}`;
  if (key === '__proto__') return `['__proto__']: ${text}`;
  return own?.enumerable === false ? `[${key}]: ${text}` : `${quoteKey(key)}: ${text}`;
}

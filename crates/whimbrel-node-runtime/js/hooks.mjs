// Hooks of Node.js' module loader, on the loader's own thread. Files of the project, linked ones included, are read by Whimbrel, which
// records them and makes JavaScript of TypeScript; their URLs carry the number of the load, so that each migration
// loads them afresh. Packages are Node.js' own affair.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const LOAD = 'whimbrel';
const HANDLED = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts', '.json', '']);

let ask;
let current;
let fallback;

export function initialize(data) {
  ask = makeRpc(fs, data.lock);
  ({ fallback, load: current } = data);
}

/** The number of the load that a module belongs to; null of packages. Where `require` loads an ES module, it stands in the path. */
function numberOf(url) {
  if (!url?.startsWith('file:')) return null;
  const { pathname, searchParams } = new URL(url);
  return searchParams.get(LOAD) ?? /%3Fwhimbrel=(\d+)$/.exec(pathname)?.[1] ?? null;
}

/** Of a module that imports: one of the project without a number is of the present load. */
function numberOfParent(url) {
  const number = numberOf(url);
  if (number !== null || !url?.startsWith('file:') || !isOwn(fileURLToPath(url))) return number;
  return String(Atomics.load(current, 0));
}

/** The path of a module. */
const fileOf = url => fileURLToPath(url).replace(/\?whimbrel=\d+$/, '');
const isOwn = file => !file.includes(`${path.sep}node_modules${path.sep}`);

function numbered(url, number) {
  const parsed = new URL(url);
  parsed.searchParams.set(LOAD, number);
  return parsed.href;
}

function otherwise(specifier, parent) {
  const { path: found } = ask({ call: 'resolve', importer: fileOf(parent), specifier, required: false });
  return found ?? fallback[specifier];
}

export async function resolve(specifier, context, next) {
  if (specifier === 'whimbrel') return { url: 'whimbrel:api', format: 'module', shortCircuit: true };
  const number = numberOfParent(context.parentURL);
  if (number === null) return next(specifier, context);
  if (specifier === 'whimbrel:scope') {
    return { url: `whimbrel:scope?${encodeURIComponent(context.parentURL)}`, format: 'module', shortCircuit: true };
  }
  let found;
  try {
    found = await next(specifier, context);
  } catch (error) {
    const file = otherwise(specifier, context.parentURL);
    if (!file) throw error;
    found = { url: pathToFileURL(file).href };
  }
  if (!found.url.startsWith('file:') || !isOwn(fileURLToPath(found.url))) return { ...found, shortCircuit: true };
  return { url: numbered(found.url, number), importAttributes: found.importAttributes, shortCircuit: true };
}

export async function load(url, context, next) {
  if (url === 'whimbrel:api') {
    const source = 'const { log, progress } = globalThis[Symbol.for("whimbrel")].api;\nexport { log, progress };\nexport default { log, progress };';
    return { format: 'module', source, shortCircuit: true };
  }
  if (url.startsWith('whimbrel:scope?')) {
    const parent = JSON.stringify(decodeURIComponent(url.slice('whimbrel:scope?'.length)));
    const names = 'require, module, exports, __filename, __dirname';
    const source = `const { ${names} } = globalThis[Symbol.for("whimbrel")].scope(${parent});\nexport { ${names} };`;
    return { format: 'module', source, shortCircuit: true };
  }
  if (numberOf(url) === null) return next(url, context);
  const file = fileOf(url);
  if (!HANDLED.has(path.extname(file))) return next(url, context);
  const { format, error, text } = ask({ call: 'load', path: file });
  if (error) throw new SyntaxError(error);
  // Without a source, the loader of CommonJS reads it, which asks as well.
  if (format === 'commonjs') return { format, source: null, shortCircuit: true };
  return { format, source: text, shortCircuit: true };
}

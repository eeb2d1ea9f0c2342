// Hooks of Node.js' module loader, on the loader's own thread, for migrations that it could not load: TypeScript, and
// ES modules in a file that it takes for CommonJS. Only what carries the number of a load is touched.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const binding = createRequire(import.meta.url)('../binding.cjs');

let project;

export function initialize(data) {
  ({ project } = data);
}

const numberOf = url => (url?.startsWith('file:') ? new URL(url).searchParams.get('whimbrel') : null);
const isTypeScript = url => url.startsWith('file:') && /\.[mc]?ts$/.test(new URL(url).pathname) && !url.includes('/node_modules/');

/** TypeScript that a migration imports is loaded as the migration is. */
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  const number = numberOf(context.parentURL);
  if (number === null || numberOf(found.url) !== null || !isTypeScript(found.url)) return found;
  const url = new URL(found.url);
  url.searchParams.set('whimbrel', number);
  return { ...found, url: url.href, format: undefined };
}

export async function load(url, context, next) {
  if (numberOf(url) === null) return next(url, context);
  const file = fileURLToPath(url);
  const { code, format, error } = binding.compileFile(project, file, fs.readFileSync(file, 'utf8'));
  if (error) throw new SyntaxError(error);
  return format === 'module' ? { format, source: code, shortCircuit: true } : { format: 'module', source: commonJs(code), shortCircuit: true };
}

/** CommonJS as an ES module whose default is its `module.exports`: it has no file that `require` could read. */
function commonJs(code) {
  return `import { createRequire as __createRequire } from 'node:module'; import { fileURLToPath as __path } from 'node:url'; import { dirname as __dir } from 'node:path'; const __file = __path(import.meta.url.replace(/\\?.*$/, '')); const module = { exports: {} }; (function (exports, require, module, __filename, __dirname) {${code}\n})(module.exports, __createRequire(__file), module, __file, __dir(__file)); export default module.exports;`;
}

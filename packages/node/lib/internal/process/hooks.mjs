// Hooks of Node.js' module loader, on the loader's own thread, for migrations that it could not load as they are:
// TypeScript, ES modules in a file that it takes for CommonJS, and those that use names of CommonJS.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const binding = createRequire(import.meta.url)('../binding.cjs');

/** Errors by which Node.js says that it cannot do TypeScript, or not this. */
const NO_TYPESCRIPT = new Set(['ERR_UNKNOWN_FILE_EXTENSION', 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX', 'ERR_UNKNOWN_MODULE_FORMAT']);

/** The project of a migration that is loaded here; null of everything else. */
const projectOf = url => (url.startsWith('file:') ? new URL(url).searchParams.get('whimbrel-project') : null);
const isTypeScript = url => url.startsWith('file:') && /\.[mc]?ts$/.test(new URL(url).pathname) && !url.includes('/node_modules/');

/** What a migration, or TypeScript of the project, imports: where Node.js finds nothing, by the rules of the engine. */
export async function resolve(specifier, context, next) {
  const { parentURL: parent } = context;
  if (parent === undefined || (!isTypeScript(parent) && projectOf(parent) === null)) return next(specifier, context);
  try {
    return await next(specifier, context);
  } catch (error) {
    const importer = fileURLToPath(parent);
    const file = binding.resolveImport(projectOf(parent) ?? path.dirname(importer), importer, specifier);
    if (!file) throw error;
    return { url: pathToFileURL(file).href, shortCircuit: true };
  }
}

export async function load(url, context, next) {
  const project = projectOf(url);
  if (project !== null) return compiled(url, project);
  if (!isTypeScript(url)) return next(url, context);
  try {
    const loaded = await next(url, context);
    // Node.js would strip the types later, and cannot do enums and the like.
    return loaded.format?.endsWith('-typescript') ? compiled(url, path.dirname(fileURLToPath(url))) : loaded;
  } catch (error) {
    // What a migration imports. Whoever can load it has done so by now.
    if (NO_TYPESCRIPT.has(error.code)) return compiled(url, path.dirname(fileURLToPath(url)));
    throw error;
  }
}

async function compiled(url, project) {
  const file = fileURLToPath(url);
  const { code, format, borrowed, error } = await binding.compileFile(project, file, fs.readFileSync(file, 'utf8'));
  if (error) throw new SyntaxError(error);
  const source = format === 'module' ? lent(borrowed, code) : `${scope(['require', '__filename', '__dirname', 'module'])}(function (exports) {${code}\n})(module.exports); export default module.exports;`;
  return { format: 'module', source, shortCircuit: true };
}

/** What an ES module uses of CommonJS, on its first line; what it puts into `module.exports` can be read from outside. */
function lent(names, code) {
  if (names.length === 0) return code;
  const exported = names.some(name => name === 'module' || name === 'exports');
  return `${scope(exported ? [...new Set([...names, 'module'])] : names)}${code}${exported ? '\nexport { module as "whimbrel:module" };' : ''}`;
}

function scope(names) {
  const file = 'whimbrelFile';
  const values = { require: `whimbrelCreateRequire(${file})`, __filename: file, __dirname: `whimbrelDirname(${file})`, module: '{ exports: {} }', exports: 'module.exports' };
  const ordered = ['require', '__filename', '__dirname', 'module', 'exports'].filter(name => names.includes(name));
  return `import { createRequire as whimbrelCreateRequire } from 'node:module'; import { fileURLToPath as whimbrelPath } from 'node:url'; import { dirname as whimbrelDirname } from 'node:path'; const ${file} = whimbrelPath(import.meta.url.replace(/[?].*$/, '')); ${ordered.map(name => `const ${name} = ${values[name]};`).join(' ')} `;
}

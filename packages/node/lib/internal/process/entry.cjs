'use strict';
// Loads a migration's own file, afresh each time. What it imports are modules of the application, which a process
// has once.

const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const binding = require('../binding.cjs');
const { Unusable } = require('./unusable.cjs');

let shared;
let areHooksInstalled = false;

/** JavaScript that the engine's runtimes share. */
async function sharedScripts() {
  shared ??= (async () => {
    const texts = binding.sharedScripts();
    const load = (text, name) => import(`data:text/javascript,${encodeURIComponent(`${text}\n//# sourceURL=whimbrel:${name}`)}`);
    const [entry, helpers, whimbrel] = await Promise.all([load(texts.entry, 'entry.js'), load(texts.helpers, 'helpers.js'), load(texts.whimbrel, 'whimbrel.js')]);
    return { ...entry, ...helpers, ...whimbrel };
  })();
  return shared;
}

/** Whether Node.js takes a file for an ES module: by its extension, else by the nearest package.json. */
function isModuleForNode(file) {
  const extension = path.extname(file);
  if (extension !== '.js') return extension === '.mjs';
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    try {
      return JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')).type === 'module';
    } catch {
      if (folder === path.dirname(folder)) return false;
    }
  }
}

/** Lets the loader of Node.js ask Whimbrel for TypeScript, and for ES modules that it would not take for one. */
function installHooks() {
  if (areHooksInstalled) return;
  if (typeof Module.register !== 'function') {
    throw new Unusable(`Node.js ${process.versions.node} cannot load it in the application's process`, 'Node.js 18.19 or newer can; or write it in a file that ends in .mjs');
  }
  Module.register(pathToFileURL(path.join(__dirname, 'hooks.mjs')));
  areHooksInstalled = true;
}

/** The exports of CommonJS with this code, whatever Node.js takes the file for. */
function runCommonJs(file, code) {
  const module = new Module(file);
  module.filename = file;
  module.paths = Module._nodeModulePaths(path.dirname(file));
  module._compile(code, file);
  return module.exports;
}

/** The exports of a migration's file with this text; `load` is a number that no load had before. */
async function exportsOf({ path: file, text, project, load }) {
  const { code, format, borrowed, importsTypeScript, error } = await binding.compileFile(project, file, text);
  if (error !== undefined && error !== null) throw new Unusable(error.replace(/^SyntaxError: /, ''), undefined);
  const isTypeScript = /\.[mc]?ts$/.test(file);
  const { babelHelpers, offersNothing } = await sharedScripts();
  if (isTypeScript || importsTypeScript) {
    globalThis.babelHelpers ??= babelHelpers;
    if (importsTypeScript) installHooks();
  }
  if (format === 'commonjs') return runCommonJs(file, code);
  if (fs.readFileSync(file, 'utf8') !== text) throw new Unusable('the file was changed while the run began', 'run it again');
  const url = new URL(pathToFileURL(file));
  url.searchParams.set('whimbrel', String(load));
  if (isTypeScript || borrowed.length > 0 || !isModuleForNode(file)) {
    installHooks();
    url.searchParams.set('whimbrel-project', project);
  }
  const namespace = await import(url.href);
  const module = namespace['whimbrel:module'];
  return module && offersNothing(namespace) ? module.exports : namespace;
}

module.exports = { exportsOf, sharedScripts };

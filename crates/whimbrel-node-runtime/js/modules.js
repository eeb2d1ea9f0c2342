'use strict';
// How a migration's modules are loaded: files of the project through Whimbrel, and afresh for every migration;
// packages as Node.js does.

const fs = require('fs');
const Module = require('module');
const path = require('path');
const { fileURLToPath, pathToFileURL } = require('url');
const makeRpc = require('./rpc.js');

const lock = new Int32Array(new SharedArrayBuffer(4));
const ask = makeRpc(fs, lock);
const scopes = new Map();
let importUrl;
let current = 0;
/** The number of the load under way, for the thread of the hooks. */
const load = new Int32Array(new SharedArrayBuffer(4));
let shared;

/** Whether a file is code of the project, also one that is linked into it from elsewhere, and no package's. */
const isOwn = file => typeof file === 'string' && path.isAbsolute(file) && !file.includes(`${path.sep}node_modules${path.sep}`);

/** The place that a line of a stack tells, `PATH:LINE:COLUMN` or a URL with them; undefined where it is no file's. */
const placeOf = line => /(?:\(|at (?:async )?)((?:file:\/\/)?\/[^()]+:\d+:\d+)\)?$/.exec(line.trim())?.[1];

/** The file of a place. */
function fileOf(place) {
  const file = place?.replace(/:\d+:\d+$/, '').replace(/\?[^?]*$/, '');
  if (!file?.startsWith('file://')) return file;
  try {
    return fileURLToPath(file);
  } catch {
    return undefined;
  }
}

/** The lines of a stack below the message, without the runner's own. */
const framesOf = stack => String(stack).split('\n').filter(line => /^\s+at /.test(line) && !line.includes('whimbrel:'));

/** What CommonJS would give the ES module at this URL. */
function scope(url) {
  const known = scopes.get(url);
  if (known) return known;
  const file = fileURLToPath(url).replace(/\?whimbrel=\d+$/, '');
  const module = new Module(file);
  module.filename = file;
  module.paths = Module._nodeModulePaths(path.dirname(file));
  const its = { require: Module.createRequire(file), module, exports: module.exports, __filename: file, __dirname: path.dirname(file) };
  scopes.set(url, its);
  return its;
}

/** `loaded` is called after each module that was loaded. */
function hookCommonJs(api, fallback, loaded) {
  const resolveFilename = Module._resolveFilename;
  Module._resolveFilename = function (request, parent, ...rest) {
    try {
      return resolveFilename.call(this, request, parent, ...rest);
    } catch (error) {
      if (!isOwn(parent?.filename)) throw error;
      const { path: found } = ask({ call: 'resolve', importer: parent.filename, specifier: request, required: true });
      if (found ?? fallback[request]) return found ?? fallback[request];
      throw error;
    }
  };
  const loadModule = Module._load;
  Module._load = function (request, parent, ...rest) {
    if (request === 'whimbrel' && isOwn(parent?.filename)) return api;
    const exported = loadModule.call(this, request, parent, ...rest);
    loaded(request, exported);
    return exported;
  };
  const usual = Module._extensions['.js'];
  const own = extension => {
    const before = Module._extensions[extension] ?? usual;
    Module._extensions[extension] = function (module, filename) {
      if (!isOwn(filename)) return before(module, filename);
      const { format, error, text } = ask({ call: 'load', path: filename });
      if (error) throw new SyntaxError(error);
      if (format === 'json') {
        module.exports = JSON.parse(text);
      } else if (format === 'commonjs') {
        module._compile(text, filename);
      } else if (process.features.require_module) {
        // The number makes it one of its own, as in a URL.
        module._compile(text, `${filename}?whimbrel=${current}`, 'module');
      } else {
        throw Object.assign(new Error(`require() of the ES module ${filename} is not supported; use import() instead`), { code: 'ERR_REQUIRE_ESM' });
      }
      return undefined;
    };
  };
  for (const extension of ['.js', '.json', '.ts', '.mts', '.cts']) own(extension);
}

/** `load` imports a URL; `fallback` gives paths of packages for those who do not have them. */
async function install(hello, importOf, api, fallback, loaded) {
  importUrl = importOf;
  const text = (name, module) => importOf(`data:text/javascript,${encodeURIComponent(`${name}\n//# sourceURL=whimbrel:node/${module}`)}`);
  const { babelHelpers } = await text(hello.shared.helpers, 'helpers.js');
  globalThis.babelHelpers = babelHelpers;
  shared = await text(hello.shared.entry, 'entry.js');
  globalThis[Symbol.for('whimbrel')] = { api, scope };
  const rpc = hello.files['rpc.js'].replace('module.exports =', 'const makeRpc =');
  const hooks = `${hello.files['hooks.mjs']}\n${rpc}`;
  Module.register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: { lock, load, fallback } });
  hookCommonJs(api, fallback, loaded);
}

/** Forgets the project's modules, so that the next migration has its own. */
function forget() {
  for (const file of Object.keys(Module._cache)) {
    if (isOwn(file)) delete Module._cache[file];
  }
  scopes.clear();
}

/** Loads a migration's file and gives its entry points; `number` makes the load one of its own. */
async function loadEntry(file, number) {
  current = number;
  Atomics.store(load, 0, number);
  const url = new URL(pathToFileURL(file));
  url.searchParams.set('whimbrel', String(number));
  const namespace = await importUrl(url.href);
  const isCommonJs = file in Module._cache;
  let exported = isCommonJs ? Module._cache[file].exports : namespace;
  if (!isCommonJs && shared.offersNothing(namespace) && scopes.has(url.href)) exported = scopes.get(url.href).module.exports;
  return shared.entryPoints(exported);
}

module.exports = { callEntry: (...args) => shared.callEntry(...args), fileOf, forget, framesOf, install, isOwn, loadEntry, placeOf };

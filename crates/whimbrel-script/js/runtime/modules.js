// CommonJS: `require`, `module` and `exports`, and CommonJS modules seen from ES modules.
//
// Resolving and reading is Rust's (it knows what may be read); caching, wrapping and cycles are here.

import { builtin, hasBuiltin } from './builtins.js';

/** Modules by path, while they load as well: that is how cycles end. */
const modules = new Map();

let ops;

export function useModuleOps(native) {
  ops = native;
}

function folderOf(path) {
  return path.replace(/[/\\][^/\\]*$/, '') || '/';
}

class Module {
  constructor(path) {
    this.id = path;
    this.path = folderOf(ops.absolute(path));
    this.exports = {};
    this.filename = ops.absolute(path);
    this.loaded = false;
    this.children = [];
    this.paths = [];
    Object.defineProperty(this, 'require', { value: requireFrom(path), enumerable: false });
  }
}

function load(path) {
  const known = modules.get(path);
  if (known) return known.exports;
  const format = ops.formatOf(path);
  if (format === 'esm') return loadEsModule(path);
  const module = new Module(path);
  modules.set(path, module);
  try {
    if (format === 'json') {
      module.exports = parseJson(path, ops.read(path));
    } else {
      const run = ops.compileCommonJs(path);
      run.call(module.exports, module.exports, module.require, module, module.filename, module.path);
    }
    module.loaded = true;
  } catch (error) {
    modules.delete(path);
    throw error;
  }
  return module.exports;
}

/** An ES module that is required: evaluated on the spot, as newer versions of Node.js do. */
function loadEsModule(path) {
  const namespace = ops.requireModule(path);
  if (namespace === undefined) {
    throw Object.assign(
      new Error(`require() cannot be used on ${path}: it awaits something at its top level. Use import() instead`),
      { code: 'ERR_REQUIRE_ASYNC_MODULE' },
    );
  }
  return 'module.exports' in namespace ? namespace['module.exports'] : namespace;
}

function parseJson(path, text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`${path}: ${error.message}`);
  }
}

/** The `require` of one module. */
export function requireFrom(base) {
  const require = specifier => {
    if (typeof specifier !== 'string') {
      throw Object.assign(new TypeError(`The "id" argument must be of type string. Received ${typeof specifier}`), { code: 'ERR_INVALID_ARG_TYPE' });
    }
    const bare = specifier.replace(/^node:/, '');
    return hasBuiltin(bare) ? builtin(bare) : load(ops.resolve(base, specifier));
  };
  require.resolve = specifier => (hasBuiltin(specifier.replace(/^node:/, '')) ? specifier : ops.absolute(ops.resolve(base, specifier)));
  require.cache = Object.create(null);
  require.extensions = Object.create(null);
  require.main = undefined;
  return require;
}

/** `module.createRequire`: the `require` of a file given by its path or URL. */
export function createRequire(from) {
  return requireFrom(ops.identify(String(from)));
}

/** `import.meta.resolve` of one module. */
export function metaResolve(base) {
  return specifier => {
    if (hasBuiltin(specifier.replace(/^node:/, ''))) return specifier.startsWith('node:') ? specifier : `node:${specifier}`;
    return ops.fileUrl(ops.resolveImport(base, specifier));
  };
}

/** The exports of a CommonJS or JSON file, for Rust's module loader and for the entry. */
export function requirePath(path) {
  return load(path);
}

/** The CommonJS `module` of an ES module, which may fill its `exports`. */
export function moduleOf(path) {
  const known = modules.get(path);
  if (known) return known;
  const module = new Module(path);
  modules.set(path, module);
  return module;
}

/** The names that CommonJS gives every file, for an ES module that uses them all the same. */
export function scopeOf(path) {
  const module = moduleOf(path);
  return { require: module.require, module, exports: module.exports, __filename: module.filename, __dirname: module.path };
}

// CommonJS: `require`, `module` and `exports`, and CommonJS modules seen from ES modules.
//
// Resolving and reading is Rust's (it knows what may be read); caching, wrapping and cycles are here.

const cache = new Map();

/** `node:` builtins and the engine's own modules, by specifier; filled by `main.js`. */
export const builtins = new Map();

function load(ops, path) {
  const known = cache.get(path);
  if (known) return known.exports;
  const module = { exports: {}, id: path, filename: ops.absolute(path), loaded: false, children: [], paths: [] };
  cache.set(path, module);
  try {
    if (path.endsWith('.json')) {
      module.exports = parseJson(path, ops.read(path));
    } else {
      const run = ops.compileCommonJs(path);
      run.call(module.exports, module.exports, requireFrom(ops, path), module, module.filename, folderOf(module.filename));
    }
    module.loaded = true;
  } catch (error) {
    cache.delete(path);
    throw error;
  }
  return module.exports;
}

function parseJson(path, text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`${path}: ${error.message}`);
  }
}

function folderOf(path) {
  return path.replace(/[/\\][^/\\]*$/, '') || '/';
}

/** The `require` of one module. */
export function requireFrom(ops, base) {
  const require = specifier => {
    const own = builtins.get(specifier.replace(/^node:/, ''));
    if (own) return own;
    return load(ops, ops.resolve(base, specifier));
  };
  require.resolve = specifier => ops.absolute(ops.resolve(base, specifier));
  require.cache = {};
  return require;
}

/** The exports of a CommonJS or JSON file, for Rust's module loader and for the entry. */
export function requirePath(ops, path) {
  return load(ops, path);
}

/** An ES module entry may use `module.exports` as well; this gives it the objects. */
export function exposeModule(ops, path) {
  const module = { exports: {}, id: path, filename: ops.absolute(path) };
  const globals = {
    module, exports: module.exports, require: requireFrom(ops, path), __filename: module.filename,
    __dirname: folderOf(module.filename),
  };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  }
  return module;
}

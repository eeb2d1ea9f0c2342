// The built-in modules: those of Node.js by the file that holds each, and the engine's own.
//
// Files are loaded when they are first asked for, by an import or through a global: most migrations need
// none of them, and every migration starts a fresh engine.

const FILES = {
  assert: 'assert.js', 'assert/strict': 'assert/strict.js', async_hooks: 'async_hooks.js', buffer: 'buffer.js', crypto: 'crypto.js',
  events: 'events.js', fs: 'fs.js', 'fs/promises': 'fs/promises.js', module: 'module.js', os: 'os.js', path: 'path.js',
  'path/posix': 'path/posix.js', 'path/win32': 'path/win32.js', perf_hooks: 'perf_hooks.js', querystring: 'querystring.js',
  readline: 'readline.js', 'readline/promises': 'readline/promises.js', stream: 'stream.js', 'stream/promises': 'stream/promises.js', string_decoder: 'string_decoder.js',
  timers: 'timers.js', 'timers/promises': 'timers/promises.js', tty: 'tty.js', url: 'url.js', util: 'util.js', 'util/types': 'util/types.js',
};

/** Globals of Node.js, by module and export; loaded when they are first read. */
const GLOBALS = {
  Buffer: ['buffer.js', 'Buffer'], atob: ['buffer.js', 'atob'], btoa: ['buffer.js', 'btoa'], URL: ['url.js', 'URL'],
  URLSearchParams: ['url.js', 'URLSearchParams'], TextEncoder: ['text_encoding.js', 'TextEncoder'], TextDecoder: ['text_encoding.js', 'TextDecoder'],
  structuredClone: ['structured_clone.js', 'structuredClone'], crypto: ['crypto.js', 'webcrypto'], performance: ['perf_hooks.js', 'performance'],
  AbortController: ['events/abort.js', 'AbortController'], AbortSignal: ['events/abort.js', 'AbortSignal'],
  CustomEvent: ['events/target.js', 'CustomEvent'], DOMException: ['events/dom_exception.js', 'DOMException'],
  Event: ['events/target.js', 'Event'], EventTarget: ['events/target.js', 'EventTarget'],
};

const known = new Map();

/** What a built-in module has besides what its file gives, by name. */
const additions = new Map();

let loadOwn;

/** `load(file)` gives the namespace of one of our files below `node/`. */
export function useLoader(load) {
  loadOwn = load;
}

/** Adds a module that is there already, such as `mongodb`. */
export function addBuiltin(name, exported) {
  known.set(name, exported);
}

/** Adds members to a module that its file cannot give, when it is loaded. */
export function extendBuiltin(name, members) {
  additions.set(name, members);
}

export function hasBuiltin(name) {
  return known.has(name) || Object.hasOwn(FILES, name);
}

/** What `require(name)` gives. */
export function builtin(name) {
  if (!known.has(name)) {
    const exported = loadOwn(FILES[name]).default;
    const added = additions.get(name);
    known.set(name, added ? Object.assign(Object.create(null), exported, added) : exported);
  }
  return known.get(name);
}

function define(name, descriptor) {
  Object.defineProperty(globalThis, name, { configurable: true, enumerable: false, ...descriptor });
}

/** Puts the globals in place, each as a property that becomes an ordinary one when it is first used. */
export function defineLazyGlobals() {
  for (const [name, [file, member]] of Object.entries(GLOBALS)) {
    const set = value => define(name, { value, writable: true });
    const get = () => {
      const namespace = loadOwn(file);
      const value = namespace[member] ?? namespace.default?.[member];
      set(value);
      return value;
    };
    define(name, { get, set });
  }
}

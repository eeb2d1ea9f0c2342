// `module`: which modules are built in. `createRequire` is added where `require` is made.

const builtinModules = [
  'assert', 'assert/strict', 'async_hooks', 'buffer', 'console', 'constants', 'crypto', 'events', 'fs', 'fs/promises',
  'module', 'os', 'path', 'path/posix', 'path/win32', 'perf_hooks', 'process', 'querystring', 'readline',
  'readline/promises', 'stream', 'stream/promises', 'string_decoder', 'timers', 'timers/promises', 'url', 'util',
  'util/types',
];

export default { builtinModules };

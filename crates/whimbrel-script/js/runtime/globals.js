// The globals a script expects besides the language's own: console, timers, process, global.

import { format, inspect } from '../inspect.js';

/** `console`, one observer line per line. */
function makeConsole(ops) {
  const counts = new Map();
  const times = new Map();
  let indent = '';
  const print = (level, args) => {
    const text = format(...args);
    ops.print(level, indent === '' ? text : text.split('\n').map(line => indent + line).join('\n'));
  };
  const elapsed = label => `${label}: ${(Date.now() - times.get(label)).toFixed(3)}ms`;
  return {
    log: (...args) => print('info', args),
    info: (...args) => print('info', args),
    debug: (...args) => print('debug', args),
    warn: (...args) => print('warn', args),
    error: (...args) => print('error', args),
    trace: (...args) => print('error', [`Trace: ${format(...args)}\n${new Error().stack}`]),
    dir: (value, options) => ops.print('info', inspect(value, options)),
    dirxml: (...args) => print('info', args),
    table: value => print('info', [value]),
    assert: (condition, ...args) => { if (!condition) ops.print('error', args.length > 0 ? `Assertion failed: ${format(...args)}` : 'Assertion failed'); },
    group: (...args) => { if (args.length > 0) print('info', args); indent += '  '; },
    groupCollapsed: (...args) => { if (args.length > 0) print('info', args); indent += '  '; },
    groupEnd: () => { indent = indent.slice(2); },
    count: (label = 'default') => {
      counts.set(label, (counts.get(label) ?? 0) + 1);
      print('info', [`${label}: ${counts.get(label)}`]);
    },
    countReset: (label = 'default') => { counts.delete(label); },
    time: (label = 'default') => { times.set(label, Date.now()); },
    timeLog: (label = 'default', ...args) => { if (times.has(label)) print('info', [elapsed(label), ...args]); },
    timeEnd: (label = 'default') => {
      if (times.has(label)) print('info', [elapsed(label)]);
      times.delete(label);
    },
  };
}

/** What Node's timers return, as far as scripts use it. */
class Timeout {
  constructor(id) { Object.defineProperty(this, 'id', { value: id }); }
  ref() { return this; }
  unref() { return this; }
  hasRef() { return true; }
  [Symbol.toPrimitive]() { return this.id; }
}

function makeTimers(ops) {
  const start = (callback, milliseconds, repeat, args) => {
    if (typeof callback !== 'function') throw new TypeError('The "callback" argument must be of type function.');
    const wait = Number.isFinite(+milliseconds) && +milliseconds >= 1 ? Math.min(+milliseconds, 2 ** 31 - 1) : 1;
    return new Timeout(ops.setTimer(() => callback(...args), wait, repeat));
  };
  const stop = timer => { if (timer !== undefined && timer !== null) ops.clearTimer(Number(timer)); };
  return {
    setTimeout: (callback, milliseconds, ...args) => start(callback, milliseconds, false, args),
    setInterval: (callback, milliseconds, ...args) => start(callback, milliseconds, true, args),
    setImmediate: (callback, ...args) => start(callback, 1, false, args),
    clearTimeout: stop,
    clearInterval: stop,
    clearImmediate: stop,
  };
}

function makeProcess(ops) {
  const stream = level => ({
    isTTY: false,
    write: text => { ops.print(level, String(text).replace(/\n$/, '')); return true; },
  });
  return {
    env: ops.environment(),
    argv: ['whimbrel'],
    platform: ops.platform(),
    pid: 0,
    version: 'v20.0.0',
    versions: { node: '20.0.0' },
    cwd: () => ops.projectFolder(),
    uptime: () => 0,
    hrtime: Object.assign(() => [Math.floor(Date.now() / 1000), (Date.now() % 1000) * 1e6], {
      bigint: () => BigInt(Date.now()) * 1000000n,
    }),
    nextTick: (callback, ...args) => queueMicrotask(() => callback(...args)),
    stdout: stream('info'),
    stderr: stream('error'),
    on() { return this; },
    once() { return this; },
    off() { return this; },
    emitWarning: warning => ops.print('warn', String(warning)),
    exit(code) {
      throw new Error(`process.exit(${code ?? ''}) was called: a migration ends by returning or by throwing`);
    },
  };
}

export function installGlobals(ops) {
  const globals = {
    console: makeConsole(ops), ...makeTimers(ops), process: makeProcess(ops), global: globalThis,
  };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  }
  Object.defineProperty(globalThis, '__whimbrel_random', { value: count => ops.random(count) });
}

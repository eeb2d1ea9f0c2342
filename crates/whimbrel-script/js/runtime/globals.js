// The globals a script expects besides the language's own: console, timers, process, global. Others are
// loaded when they are first used (`builtins.js`).

import { format, inspect } from '../inspect.js';
import { installDates } from './dates.js';
import { installErrors } from './errors.js';
import { installLocale } from './locale.js';
import { makeProcess } from './process.js';
import { installSorting } from './sorting.js';
import { makeTable } from './table.js';
import { makeTimers } from './timers.js';

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
    table: (value, columns) => print('info', [makeTable(value, columns)]),
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

/** There to be found, and to say why it does nothing. */
function fetch() {
  const error = new Error('fetch() is not offered in a migration: there is no network here; fetch what is needed beforehand and put it into a file');
  return Promise.reject(Object.assign(error, { code: 'ERR_NOT_OFFERED' }));
}

export function installGlobals(ops) {
  const globals = {
    console: makeConsole(ops), ...makeTimers(ops), process: makeProcess(ops), global: globalThis, fetch,
  };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  }
  installErrors();
  installDates();
  installSorting();
  installLocale(ops, globals.process.env);
  Object.defineProperty(globalThis, '__whimbrel_random', { value: count => ops.random(count) });
}

// The engine's entry: wires the façade to Rust and hands back what Rust needs of it.

import { unconsumedAggregations } from '../driver/cursor/aggregation.js';
import { bsonTypes, useFacade } from '../driver/index.js';
import { deprecate, ownFrames, pendingOperations } from '../driver/operation.js';
import { validateVector } from '../bson/vector.js';
import { inspect } from '../inspect.js';
import { makeWhimbrelModule } from './whimbrel_module.js';
import { callEntry, entryPoints, offersNothing } from './entry.js';
import { installGlobals } from './globals.js';
import { useHost } from '../node/host.js';
import { addBuiltin, builtin, defineLazyGlobals, extendBuiltin, hasBuiltin, useLoader } from './builtins.js';
import { createRequire, metaResolve, moduleOf, requirePath, scopeOf, useModuleOps } from './modules.js';
import { babelHelpers } from './helpers.js';

/** Wires everything; `settings.database` is the migrated database's name. */
export function install(ops, settings) {
  const { client, mongodb, bson } = useFacade(ops, settings);
  useHost(ops);
  useModuleOps(ops);
  useLoader(file => ops.loadOwn(file));
  const NativeDate = Date;
  installGlobals(ops);
  defineLazyGlobals();
  const whimbrelModule = makeWhimbrelModule(ops);
  addBuiltin('mongodb', mongodb);
  addBuiltin('bson', bson);
  addBuiltin('whimbrel', whimbrelModule);
  extendBuiltin('module', { createRequire });
  for (const name of ['console', 'process']) addBuiltin(name, globalThis[name]);

  const installed = {
    types: bsonTypes,
    BSONError: bson.BSONError,
    client,
    db: client.db(),
    builtin,
    hasBuiltin,
    createRequire,
    metaResolve,
    moduleOf,
    requirePath,
    scopeOf,
    pendingOperations,
    unconsumedAggregations,
    describeError,
    entryPoints,
    offersNothing,
    flush: () => { for (const stream of [globalThis.process?.stdout, globalThis.process?.stderr]) stream?.flush?.(); },
    callEntry: (callback, owner) => callEntry(callback, owner, installed.db, client, { legacy: settings.legacy, deprecate }),
    NativeDate,
    arrayFrom: list => Array.from(list),
    checkVector: validateVector,
    wellFormed: text => text.toWellFormed(),
    bufferPrototype: () => globalThis.Buffer.prototype,
  };
  // Generated module text (of built-in, JSON and CommonJS modules) reaches the engine through this.
  Object.defineProperty(globalThis, '__whimbrel', { value: installed });
  Object.defineProperty(globalThis, 'babelHelpers', { value: babelHelpers, configurable: true });
  return installed;
}

/** What Rust records of a thrown value. */
function describeError(thrown) {
  if (!(thrown instanceof Error)) {
    return { name: '', message: typeof thrown === 'string' ? thrown : inspect(thrown), stack: '', thrown: true };
  }
  const { code, codeName } = thrown;
  const name = textOf(thrown.name, 'Error');
  const message = textOf(thrown.message, '');
  const inner = [thrown.cause, ...(Array.isArray(thrown.errors) ? thrown.errors : [])].filter(error => error instanceof Error);
  return {
    name,
    message: typeof thrown.fieldPath === 'string' ? `${message} (at field ${thrown.fieldPath})` : message,
    code: typeof code === 'number' || typeof code === 'string' ? code : undefined,
    codeName: typeof codeName === 'string' ? codeName : undefined,
    labels: Array.isArray(thrown.errorLabels) ? thrown.errorLabels.filter(label => typeof label === 'string') : [],
    stack: ownFrames(textOf(thrown.stack, '')),
    cause: inner.length > 0 ? inner.map(error => `${textOf(error.name, 'Error')}: ${textOf(error.message, '')}`).join('\n  caused by ') : undefined,
  };
}

/** A field of an error as text; scripts may have put anything there. */
function textOf(value, otherwise) {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? otherwise : inspect(value);
}

'use strict';
// Where the driver sends a command, while a migration of this process runs: one that waited for a connection, the next
// batch of a bulk write, a retry, a model of the application. Each asks once more whether the lease still holds, and in
// a transaction whether it is part of it. It is known by its asynchronous context; drivers before version 6 lose that
// on the way, and are held by the handles alone.

const path = require('node:path');
const Module = require('node:module');
const { current } = require('../context.cjs');

/** Commands by which drivers keep their connections and sessions, and that end a transaction. */
const PLUMBING = new Set([
  'hello', 'isMaster', 'ismaster', 'saslStart', 'saslContinue', 'authenticate', 'getnonce', 'endSessions', 'killCursors', 'refreshSessions', 'abortTransaction', 'ping',
]);
/** Classes that have it already. */
const patched = new WeakSet();

function patch(Connection) {
  if (patched.has(Connection)) return;
  patched.add(Connection);
  const { command: original } = Connection.prototype;
  const takesCallback = original.constructor.name !== 'AsyncFunction';
  Connection.prototype.command = function (namespace, command, options, ...rest) {
    const run = current.getStore()?.run;
    if (run === undefined || run.isOver || command === null || typeof command !== 'object') return original.call(this, namespace, command, options, ...rest);
    const [name] = Object.keys(command);
    if (PLUMBING.has(name)) return original.call(this, namespace, command, options, ...rest);
    try {
      run.checkCommand(this.address, name, command, options?.session);
    } catch (error) {
      if (!takesCallback || typeof rest.at(-1) !== 'function') return Promise.reject(error);
      process.nextTick(rest.at(-1), error);
      return undefined;
    }
    return original.call(this, namespace, command, options, ...rest);
  };
}

/** Sees to it that commands of this driver pass here; it stays, and costs others a look at their context. */
function watch(driver) {
  if (!driver) return;
  try {
    const file = path.join(path.dirname(driver.file), 'cmap', 'connection.js');
    const { Connection } = Module.createRequire(driver.file)(file);
    if (typeof Connection?.prototype?.command === 'function') patch(Connection);
  } catch (error) {
    // Another structure: the handles still ask.
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
  }
}

module.exports = { watch };

'use strict';
// Where the driver sends a command, while a migration of this process runs: one that waited for a connection, the next
// batch of a bulk write, a retry, a model of the application. Each asks once more whether the lease still holds, and in
// a transaction whether it is part of it. What nobody has awaited is known here, too. Commands are known by their
// asynchronous context; drivers before version 6 mix these up on the way, and are held by the handles alone.

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
  if (original.constructor.name !== 'AsyncFunction') return;
  Connection.prototype.command = function (namespace, command, options, ...rest) {
    const { run, isHandled } = current.getStore() ?? {};
    if (run === undefined || run.isOver || command === null || typeof command !== 'object') return original.call(this, namespace, command, options, ...rest);
    const [name] = Object.keys(command);
    if (PLUMBING.has(name)) return original.call(this, namespace, command, options, ...rest);
    try {
      run.checkCommand(this.address, name, command, options?.session);
    } catch (error) {
      return Promise.reject(error);
    }
    const send = () => original.call(this, namespace, command, options, ...rest);
    return isHandled ? send() : run.noteCommand(`${name}${typeof command[name] === 'string' ? ` on ${command[name]}` : ''}`, send);
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

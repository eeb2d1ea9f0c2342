'use strict';
// While migrations run in the application's process: an exit that one asks for, and an error that nobody catches, are
// failures of the migration, and not the end of the process. What is not a migration's is left as it was.

const { inspect } = require('node:util');
const { current } = require('../context.cjs');

/** Migrators at work, with their present runs. */
const users = new Set();
let exit;

const ownerOf = error => {
  const run = current.getStore()?.run;
  if (run) return run;
  return [...users].map(user => user.run).find(its => its?.hasThrown(error));
};

/** `true` if it was a migration's affair. */
function take(error) {
  const run = ownerOf(error);
  if (!run) return false;
  if (run.isOver) run.late(error);
  else run.fail(error);
  return true;
}

function onRejection(reason) {
  if (take(reason)) return;
  // Without us Node.js would have ended the process, unless somebody else listens.
  if (process.listenerCount('unhandledRejection') === 1) throw reason;
}

function onException(error) {
  if (take(error)) return;
  if (process.listenerCount('uncaughtException') > 1) return;
  process.stderr.write(`${inspect(error)}\n`);
  exit.call(process, 1);
}

function onExit(code) {
  const run = current.getStore()?.run;
  if (!run) return exit.call(process, code);
  const error = new Error(`the migration called process.exit(${code ?? process.exitCode ?? ''}), which would end the application: return instead, or throw`);
  run.fail(error);
  throw error;
}

/** From now on for this migrator, until what comes back is called. */
function guard(user) {
  if (users.size === 0) {
    ({ exit } = process);
    process.exit = onExit;
    process.on('unhandledRejection', onRejection);
    process.on('uncaughtException', onException);
  }
  users.add(user);
  return () => {
    if (!users.delete(user) || users.size > 0) return;
    if (process.exit === onExit) process.exit = exit;
    process.off('unhandledRejection', onRejection);
    process.off('uncaughtException', onException);
  };
}

module.exports = { guard };

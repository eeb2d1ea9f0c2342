'use strict';
// While migrations run in the application's process: an exit that one asks for, and an error that nobody catches, are
// failures of the migration, and not the end of the process. What is not a migration's is left as it was.

const { current } = require('../context.cjs');

/** Migrators at work, with their present runs. */
const users = new Set();
let exit;
let emit;

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

/** Before anybody hears of it: a listener could not keep it from the application's own, and would change what comes without any. */
function onEmit(event, ...args) {
  if ((event === 'unhandledRejection' || event === 'uncaughtException') && take(args[0])) return true;
  return emit.call(this, event, ...args);
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
    ({ emit, exit } = process);
    process.emit = onEmit;
    process.exit = onExit;
  }
  users.add(user);
  return () => {
    if (!users.delete(user) || users.size > 0) return;
    // Who has put something over ours keeps it; ours only passes on, then.
    if (process.exit === onExit) process.exit = exit;
    if (process.emit === onEmit) process.emit = emit;
  };
}

module.exports = { guard };

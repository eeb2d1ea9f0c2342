'use strict';
// Migrations run in the application's process: an exit that one asks for, and an error of one that nobody catches, are
// failures of the migration, and not the end of the process. What is not a migration's passes.

const { current } = require('../context.cjs');
const { WhimbrelStoppedError, thrownBy } = require('./unusable.cjs');

/** Migrators at work, with their present runs. */
const users = new Set();
/** Runs that are over, by their files, for what comes late: `{ file, host }`. */
const ended = new Map();
let isInstalled = false;

/**
 * The run that an error is the affair of. While one runs, its asynchronous context tells. Afterwards that is not enough:
 * what the application set up in it, such as a timer of a module that the migration was the first to import, is its own.
 */
function ownerOf(error) {
  const run = current.getStore()?.run;
  if (run && !run.isOver) return run;
  const isIts = its => its.hasThrown(error);
  if (run && (error instanceof WhimbrelStoppedError || isIts(run))) return run;
  const working = [...users].map(user => user.run).find(its => its && isIts(its));
  if (working) return working;
  const [, host] = [...ended].find(([file]) => thrownBy(file, error)) ?? [];
  return host && { isOver: true, late: its => host.deref()?.tellLate(its) };
}

/** `true` if it was a migration's affair. */
function take(error) {
  const run = ownerOf(error);
  if (!run) return false;
  if (run.isOver) run.late(error);
  else run.fail(error);
  return true;
}

/**
 * Once in a process, and for good: whoever wraps these after us calls us, and whoever took us away would take them along.
 * A listener would not do, because it could not keep an error from the application's own, and would change what comes without any.
 */
function install() {
  if (isInstalled) return;
  isInstalled = true;
  const { emit, exit } = process;
  process.emit = function (event, ...args) {
    if ((event === 'unhandledRejection' || event === 'uncaughtException') && take(args[0])) return true;
    return emit.call(this, event, ...args);
  };
  process.exit = function (code) {
    const run = current.getStore()?.run;
    if (!run || run.isOver) return exit.call(process, code);
    const error = new Error(`the migration called process.exit(${code ?? process.exitCode ?? ''}), which would end the application: return instead, or throw`);
    run.fail(error);
    throw error;
  };
}

/** From now on for this migrator, until what comes back is called. */
function guard(user) {
  install();
  users.add(user);
  return () => users.delete(user);
}

/** A run of a file is over, and `host` hears what of it comes late. */
function over(file, host) {
  ended.set(file, new WeakRef(host));
}

module.exports = { guard, over };

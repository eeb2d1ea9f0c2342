'use strict';
// Migrations run in the application's process: an exit that one asks for, and an error of one that nobody catches, are
// failures of the migration, and not the end of the process. What is not a migration's passes.

const { current } = require('../context.cjs');
const { WhimbrelStoppedError, thrownBy } = require('./unusable.cjs');

/** Migrators at work, with their present runs. */
const users = new Set();
/** Hosts of migrations that are over, by their files, for what comes late. */
const ended = new Map();
/** An event that nobody else has, to see whether ours is still asked. */
const PROBE = Symbol('whimbrel');
let isReached = false;
let exitBefore;

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
  for (const [file, reference] of ended) {
    const host = reference.deref();
    if (host && thrownBy(file, error)) return spent(file, host);
  }
  return undefined;
}

/** `true` if it was a migration's affair. */
function take(error) {
  const run = ownerOf(error);
  if (!run) return false;
  if (run.isOver) run.late(error);
  else run.fail(error);
  return true;
}

function wrapEmit() {
  const { emit } = process;
  process.emit = function (event, ...args) {
    if (event === PROBE) {
      isReached = true;
      return true;
    }
    if (event === 'uncaughtExceptionMonitor' && ownerOf(args[0])) return true;
    if ((event === 'unhandledRejection' || event === 'uncaughtException') && take(args[0])) return true;
    return emit.call(this, event, ...args);
  };
}

function wrapExit() {
  const { exit } = process;
  exitBefore = exit;
  // As it was called: without a code is not with an undefined one.
  process.exit = function (...args) {
    const run = current.getStore()?.run;
    if (!run || run.isOver) return exit.apply(process, args);
    const error = new Error(`the migration called process.exit(${args[0] ?? process.exitCode ?? ''}), which would end the application: return instead, or throw`);
    run.fail(error);
    throw error;
  };
}

/**
 * Stays: whoever wraps these after us calls us, and whoever took us away would take them along. Where somebody has put
 * back what was there before us, it is done again. A listener would not do, because it could not keep an error from the
 * application's own, and would change what comes without any.
 */
function install() {
  isReached = false;
  process.emit(PROBE);
  if (!isReached) wrapEmit();
  if (exitBefore === undefined || process.exit === exitBefore) wrapExit();
}

/** From now on for this migrator, until what comes back is called. */
function guard(user) {
  install();
  users.add(user);
  return () => users.delete(user);
}

/** What is left of a run when it is over; it holds nothing. */
function spent(file, host, errors) {
  const reference = new WeakRef(host);
  return { isOver: true, hasThrown: error => (error !== null && typeof error === 'object' && errors?.has(error)) || thrownBy(file, error), late: error => reference.deref()?.tellLate(error) };
}

/** A run of a file is over, and `host` hears what of it comes late; `errors` are its own without its file in their stack. */
function over(file, host, errors) {
  ended.set(file, new WeakRef(host));
  return spent(file, host, errors);
}

module.exports = { guard, over };

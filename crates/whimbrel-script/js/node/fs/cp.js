// `cp`: files and whole folders, by way of the other functions.

import nodePath from '../path.js';
import { invalidArgType, nodeError } from '../errors.js';
import { checkBoolean, checkInteger, pathOf } from './arguments.js';
import { lstatSync, readlinkSync, statSync, symlinkSync, unlinkSync, utimesSync, chmodSync } from './entries.js';
import { copyFileSync } from './files.js';
import { mkdirSync, readdirSync } from './folders.js';
import { pathError } from './system_error.js';
import { invalidReturn } from '../stream/errors.js';

const SWITCHES = {
  dereference: false, errorOnExist: false, force: true, preserveTimestamps: false, recursive: false, verbatimSymlinks: false,
};

function settingsOf(given = {}, folderErrno = 22) {
  if (given === null || typeof given !== 'object') throw invalidArgType('options', 'object', given);
  const settings = { ...given, folderErrno };
  for (const [name, fallback] of Object.entries(SWITCHES)) settings[name] = checkBoolean(given[name] ?? fallback, `options.${name}`);
  settings.mode = checkInteger(given.mode ?? 0, 'mode', 0, 7);
  if (settings.dereference && settings.verbatimSymlinks) {
    const message = 'Option "dereference" cannot be used in combination with option "verbatimSymlinks"';
    throw nodeError(TypeError, 'ERR_INCOMPATIBLE_OPTION_PAIR', message);
  }
  if (given.filter !== undefined && typeof given.filter !== 'function') throw invalidArgType('options.filter', 'function', given.filter);
  return settings;
}

const trouble = (code, text, reason, errno, message, path) =>
  pathError(code, text, { message, path, syscall: 'cp', errno, code: reason });

/** The work as steps: a filter may answer with a promise, which only the asynchronous forms await. */
function* copy(from, to, settings) {
  const status = settings.dereference ? statSync : lstatSync;
  if (settings.filter && !(yield settings.filter(from, to))) return;
  const source = status(from);
  const target = status(to, { throwIfNoEntry: false });
  checkPair(from, to, source, target, settings);
  if (source.isDirectory()) {
    if (target === undefined) mkdirSync(to, { recursive: true });
    for (const name of readdirSync(from)) yield* copy(nodePath.join(from, name), nodePath.join(to, name), settings);
    if (target === undefined) chmodSync(to, source.mode & 0o7777);
  } else if (source.isSymbolicLink()) {
    copyLink(from, to, target, settings);
  } else {
    copyOne(from, to, source, target, settings);
  }
}

function checkPair(from, to, source, target, settings) {
  if (target !== undefined) {
    if (nodePath.resolve(from) === nodePath.resolve(to) || (source.ino !== 0 && source.ino === target.ino && source.dev === target.dev)) {
      throw trouble('ERR_FS_CP_EINVAL', 'Invalid src or dest', 'EINVAL', 22, 'src and dest cannot be the same', to);
    }
    if (source.isDirectory() && !target.isDirectory()) {
      throw trouble('ERR_FS_CP_DIR_TO_NON_DIR', 'Cannot overwrite non-directory with directory', 'EISDIR', 21,
        `cannot overwrite non-directory ${to} with directory ${from}`, to);
    }
    if (!source.isDirectory() && target.isDirectory()) {
      throw trouble('ERR_FS_CP_NON_DIR_TO_DIR', 'Cannot overwrite directory with non-directory', 'ENOTDIR', 20,
        `cannot overwrite directory ${to} with non-directory ${from}`, to);
    }
  }
  if (!source.isDirectory()) return;
  if (nodePath.resolve(to).startsWith(nodePath.resolve(from) + nodePath.sep)) {
    throw trouble('ERR_FS_CP_EINVAL', 'Invalid src or dest', 'EINVAL', 22, `cannot copy ${from} to a subdirectory of self ${to}`, to);
  }
  if (!settings.recursive) {
    throw trouble('ERR_FS_EISDIR', 'Path is a directory', 'EISDIR', settings.folderErrno, `${from} is a directory (not copied)`, from);
  }
}

function copyOne(from, to, source, target, settings) {
  if (target === undefined) mkdirSync(nodePath.dirname(to), { recursive: true });
  else if (settings.force) unlinkSync(to);
  else if (settings.errorOnExist) throw trouble('ERR_FS_CP_EEXIST', 'Target already exists', 'EEXIST', 17, `${to} already exists`, to);
  else return;
  copyFileSync(from, to, settings.mode);
  if (settings.preserveTimestamps) utimesSync(to, source.atime, source.mtime);
}

function copyLink(from, to, target, settings) {
  const aim = readlinkSync(from);
  const resolved = settings.verbatimSymlinks || nodePath.isAbsolute(aim) ? aim : nodePath.resolve(nodePath.dirname(from), aim);
  if (target === undefined) mkdirSync(nodePath.dirname(to), { recursive: true });
  else unlinkSync(to);
  symlinkSync(resolved, to);
}

export function cpSync(source, destination, given) {
  const settings = settingsOf(given);
  const steps = copy(pathOf(source, 'src'), pathOf(destination, 'dest'), settings);
  let step = steps.next();
  while (!step.done) {
    if (typeof step.value?.then === 'function') {
      throw invalidReturn('boolean', 'filter', step.value);
    }
    step = steps.next(step.value);
  }
}

export async function cp(source, destination, given) {
  // Here Node.js gives the number that belongs to the name; the synchronous form gives another.
  const settings = settingsOf(given, 21);
  const steps = copy(pathOf(source, 'src'), pathOf(destination, 'dest'), settings);
  let step = steps.next();
  while (!step.done) step = steps.next(await step.value);
}

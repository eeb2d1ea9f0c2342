// Folders: list, make, remove.

import nodePath from '../path.js';
import { invalidArgType } from '../errors.js';
import { checkBoolean, encodedName, modeOf, optionsOf, pathOf } from './arguments.js';
import { Dirent } from './stats.js';
import { pathError, perform, prefixOf } from './system_error.js';

const byName = (left, right) => (left.name < right.name ? -1 : Number(left.name > right.name));

/** The entries of one folder, by name. */
const list = path => [...perform('readdir', path, {})].sort(byName);

export function readdirSync(path, options) {
  const { recursive } = optionsOf(options);
  if (recursive !== undefined && recursive !== null) checkBoolean(recursive, 'options.recursive');
  return entriesOf(path, options);
}

/** The same for the promise form, which takes anything for a switch. */
export function entriesOf(path, given) {
  const { encoding, recursive, withFileTypes } = optionsOf(given);
  const root = pathOf(path);
  const found = [];
  // Folder by folder: first all of a level, then what is below.
  const folders = [''];
  for (const folder of folders) {
    const parent = folder === '' ? root : nodePath.join(root, folder);
    for (const { name, kind } of list(parent)) {
      const inside = folder === '' ? name : nodePath.join(folder, name);
      if (withFileTypes) found.push(new Dirent(encodedName(name, encoding), parent, kind));
      else found.push(encodedName(inside, encoding));
      // Names alone also lead through links.
      const isFolder = kind === 'directory' || (kind === 'symlink' && !withFileTypes && leadsToFolder(root, inside));
      if (recursive && isFolder) folders.push(inside);
    }
  }
  return found;
}

function leadsToFolder(root, inside) {
  try {
    return perform('stat', nodePath.join(root, inside)).kind === 'directory';
  } catch {
    return false;
  }
}

export function mkdirSync(path, given) {
  const isMode = typeof given === 'number' || typeof given === 'string';
  const options = isMode ? { mode: given } : given ?? {};
  const target = pathOf(path);
  const recursive = checkBoolean(options.recursive ?? false, 'options.recursive');
  const made = perform('mkdir', target, { recursive, mode: modeOf(options.mode, 'mode', 0o777) });
  return recursive && made !== undefined && made !== null ? asGiven(made, target) : undefined;
}

// The host speaks of absolute paths; a relative one comes back as it was written.
function asGiven(made, given) {
  if (nodePath.isAbsolute(given)) return made;
  return nodePath.relative(nodePath.resolve('.'), made) || '.';
}

export function mkdtempSync(prefix, given) {
  const { encoding } = optionsOf(given);
  const start = pathOf(prefix, 'prefix');
  const made = perform('mkdtemp', start);
  return encodedName(start + made.slice(prefixOf(start).length), encoding);
}

export function rmdirSync(path, options) {
  const target = pathOf(path);
  if (options?.recursive) {
    perform('lstat', target);
    perform('rm', target, { recursive: true, force: false });
  } else {
    perform('rmdir', target);
  }
}

export function rmSync(path, given = {}) {
  const target = pathOf(path);
  if (given === null || typeof given !== 'object') throw invalidArgType('options', 'object', given);
  const force = checkBoolean(given.force ?? false, 'options.force');
  const recursive = checkBoolean(given.recursive ?? false, 'options.recursive');
  let entry;
  try {
    entry = perform('lstat', target);
  } catch (error) {
    if (force && error.code === 'ENOENT') return;
    throw error;
  }
  if (entry.kind === 'directory' && !recursive) {
    throw pathError('ERR_FS_EISDIR', 'Path is a directory', {
      code: 'EISDIR', message: 'is a directory', path: target, syscall: 'rm', errno: 21,
    });
  }
  perform('rm', target, { recursive, force });
}

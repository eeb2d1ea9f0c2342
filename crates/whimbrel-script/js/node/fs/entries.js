// One entry of a folder: what it is, what it is called, where it points.

import { bitsOf, encodedName, modeOf, optionsOf, pathOf, secondsOf } from './arguments.js';
import { statsOf } from './stats.js';
import { perform } from './system_error.js';

function status(operation, path, options) {
  try {
    return statsOf(perform(operation, pathOf(path)), options);
  } catch (error) {
    if (options?.throwIfNoEntry === false && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

export const statSync = (path, options) => status('stat', path, options);
export const lstatSync = (path, options) => status('lstat', path, options);

export function existsSync(path) {
  try {
    perform('access', pathOf(path), { mode: 0 });
    return true;
  } catch {
    return false;
  }
}

export function accessSync(path, mode) {
  perform('access', pathOf(path), { mode: bitsOf(mode, 0) });
}

export function realpathSync(path, given) {
  const { encoding } = optionsOf(given);
  return encodedName(perform('realpath', pathOf(path)), encoding);
}
realpathSync.native = (path, options) => realpathSync(path, options);

export function readlinkSync(path, given) {
  const { encoding } = optionsOf(given);
  return encodedName(perform('readlink', pathOf(path, 'oldPath')), encoding);
}

export function symlinkSync(target, path) {
  const to = pathOf(target, 'target');
  const from = pathOf(path);
  try {
    perform('symlink', from, { target: to });
  } catch (error) {
    if (error.code !== 'ERR_ACCESS_DENIED' && error.dest === undefined) {
      // Read from left to right: what was to point where.
      error.message = error.message.replace(/symlink '.*'$/s, () => `symlink '${to}' -> '${from}'`);
      Object.assign(error, { path: to, dest: from });
    }
    throw error;
  }
}

export function renameSync(from, to) {
  const source = pathOf(from, 'oldPath');
  perform('rename', source, { to: pathOf(to, 'newPath') });
}

export function unlinkSync(path) {
  perform('unlink', pathOf(path));
}

export function chmodSync(path, mode) {
  const target = pathOf(path);
  perform('chmod', target, { mode: modeOf(mode, 'mode') });
}

export function utimesSync(path, accessed, modified) {
  const target = pathOf(path);
  perform('utimes', target, { atime: secondsOf(accessed), mtime: secondsOf(modified) });
}

// `fs/promises`: the promise forms. As everywhere in `fs`, the work is done at the call.

import { optionsOf, pathOf } from './arguments.js';
import constants from './constants.js';
import { cp } from './cp.js';
import { opendirSync } from './dir.js';
import * as entries from './entries.js';
import { collected, FileHandle, openHandle } from './file_handle.js';
import * as files from './files.js';
import * as folders from './folders.js';
import { told } from './later.js';
import { refused } from './system_error.js';

const form = (name, sync) => ({ [name]: (...args) => told(() => sync(...args)) });

// A handle stands where a path could.
const isHandle = value => value instanceof FileHandle;
const notNumber = path => (typeof path === 'number' ? pathOf(path) : path);

async function readFile(path, given) {
  const options = optionsOf(given);
  options.signal?.throwIfAborted();
  return isHandle(path) ? path.readFile(options) : told(() => files.readFileSync(notNumber(path), options));
}

async function writeWith(method, path, data, given) {
  const options = optionsOf(given, { encoding: 'utf8' });
  options.signal?.throwIfAborted();
  const bytes = await collected(data, options.encoding);
  return isHandle(path) ? path.writeFile(bytes) : told(() => files[method](notNumber(path), bytes, options));
}

export default {
  ...form('access', entries.accessSync), ...form('copyFile', files.copyFileSync),
  cp,
  open: async (path, flags, mode) => openHandle(path, flags, mode),
  ...form('opendir', opendirSync), ...form('rename', entries.renameSync),
  truncate: (path, length) => (isHandle(path) ? path.truncate(length) : told(() => files.truncateSync(notNumber(path), length))),
  ...form('rm', folders.rmSync), ...form('rmdir', folders.rmdirSync), ...form('mkdir', folders.mkdirSync),
  ...form('readdir', folders.entriesOf), ...form('readlink', entries.readlinkSync), ...form('symlink', entries.symlinkSync),
  ...form('lstat', entries.lstatSync), ...form('stat', entries.statSync), ...form('unlink', entries.unlinkSync),
  ...form('chmod', entries.chmodSync), ...form('utimes', entries.utimesSync), ...form('realpath', entries.realpathSync),
  ...form('mkdtemp', folders.mkdtempSync),
  writeFile: (path, data, options) => writeWith('writeFileSync', path, data, options),
  appendFile: (path, data, options) => writeWith('appendFileSync', path, data, options),
  readFile,
  ...refused('watch', 'a migration runs once, over what is there'),
  constants,
};

// `fs`: files and folders.
//
// The host does one operation at a time and at once, so the synchronous forms are the real ones: the callback
// forms and `fs.promises` are made of them. What may be read and written is the host's to decide.

import * as descriptors from './fs/descriptors.js';
import * as entries from './fs/entries.js';
import * as files from './fs/files.js';
import * as folders from './fs/folders.js';
import { callbackForm } from './fs/callbacks.js';
import constants from './fs/constants.js';
import { cp, cpSync } from './fs/cp.js';
import { Dir, opendirSync } from './fs/dir.js';
import { later } from './fs/later.js';
import promises from './fs/promises.js';
import { Dirent, Stats } from './fs/stats.js';
import { createReadStream, createWriteStream, ReadStream, WriteStream } from './fs/streams.js';
import { refused } from './fs/system_error.js';
import { invalidArgType } from './errors.js';

const promisified = Symbol.for('nodejs.util.promisify.custom');

const syncForms = { cpSync, opendirSync };
const callbackForms = {};
const { isDescriptor, readRest, ...descriptorForms } = descriptors;
const { entriesOf, ...folderForms } = folders;

for (const [name, sync] of Object.entries({ ...descriptorForms, ...entries, ...files, ...folderForms })) {
  syncForms[name] = sync;
  const base = name.replace(/Sync$/, '');
  callbackForms[base] = callbackForm(base, sync);
}
callbackForms.opendir = callbackForm('opendir', opendirSync);
callbackForms.realpath.native = callbackForm('native', entries.realpathSync);

// Those that hand the buffer back as well.
for (const [name, count, item] of [
  ['read', 'bytesRead', 'buffer'], ['write', 'bytesWritten', 'buffer'],
  ['readv', 'bytesRead', 'buffers'], ['writev', 'bytesWritten', 'buffers'],
]) {
  const sync = descriptorForms[`${name}Sync`];
  callbackForms[name] = callbackForm(name, sync, (done, fd, buffer) => [done, buffer]);
  callbackForms[name][promisified] = async (fd, buffer, ...rest) => ({ [count]: sync(fd, buffer, ...rest), [item]: buffer });
}

callbackForms.exists = function exists(path, callback) {
  if (typeof callback !== 'function') throw invalidArgType('cb', 'function', callback);
  later(callback, entries.existsSync(path));
};
callbackForms.exists[promisified] = async path => entries.existsSync(path);

callbackForms.cp = function copy(source, destination, ...rest) {
  const callback = rest.pop();
  if (typeof callback !== 'function') throw invalidArgType('cb', 'function', callback);
  cp(source, destination, ...rest).then(() => later(callback, null), error => later(callback, error));
};

const ONCE = 'a migration runs once, over what is there';
const OWNERS = 'who owns a file is not for a migration to change';
const LINKS = 'copy the file, or make a symbolic link with fs.symlink';

const fs = {
  ...callbackForms, ...syncForms, createReadStream, createWriteStream,
  ...refused('watch', ONCE), ...refused('watchFile', ONCE), ...refused('unwatchFile', ONCE),
  ...refused('link', LINKS), ...refused('linkSync', LINKS),
  ...refused('chown', OWNERS), ...refused('chownSync', OWNERS), ...refused('lchown', OWNERS), ...refused('lchownSync', OWNERS),
  ...refused('fchown', OWNERS), ...refused('fchownSync', OWNERS),
  Dirent, Stats, Dir, ReadStream, WriteStream, FileReadStream: ReadStream, FileWriteStream: WriteStream,
  F_OK: constants.F_OK, R_OK: constants.R_OK, W_OK: constants.W_OK, X_OK: constants.X_OK,
  constants, promises,
};

export default fs;

// Open files as numbers.
//
// The host knows paths only. A descriptor is kept here: the path it was opened with, what it may do, and where
// it stands. So a file that is renamed or removed while open is lost to its descriptor, unlike in Node.js.

import { Buffer } from '../buffer.js';
import { invalidArgType, outOfRange } from '../errors.js';
import { checkInteger, flagsOf, modeOf, pathOf, secondsOf, viewOf } from './arguments.js';
import constants from './constants.js';
import nodePath from '../path.js';
import { statsOf } from './stats.js';
import { badDescriptor, perform } from './system_error.js';

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_TRUNC, O_WRONLY } = constants;
const FIRST = 3;
const open = new Map();

export const isDescriptor = value => typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 31;

const checkDescriptor = fd => checkInteger(fd, 'fd', 0, 2 ** 31 - 1);

function file(fd, syscall) {
  const known = open.get(checkDescriptor(fd));
  if (known === undefined) throw badDescriptor(syscall);
  return known;
}

export function openSync(path, givenFlags = 'r', givenMode = 0o666) {
  const given = pathOf(path);
  const flags = flagsOf(givenFlags);
  touch(given, flags, modeOf(givenMode, 'mode', 0o666));
  let fd = FIRST;
  while (open.has(fd)) fd += 1;
  const access = flags & 3;
  open.set(fd, {
    path: nodePath.resolve(given),
    canRead: access !== O_WRONLY,
    canWrite: access !== O_RDONLY,
    appends: (flags & O_APPEND) !== 0,
    position: 0,
  });
  return fd;
}

// What opening does to the file itself; fails where opening would.
function touch(path, flags, mode) {
  const data = new Uint8Array(0);
  if (flags & O_CREAT) {
    const exclusive = flags & O_EXCL ? 'x' : '';
    perform('write', path, { data, flag: `${flags & O_TRUNC ? 'w' : 'a'}${exclusive}`, mode });
  } else if ((flags & 3) !== O_RDONLY) {
    perform('write', path, { data, flag: 'r+', mode, position: 0 });
    if (flags & O_TRUNC) perform('truncate', path, { length: 0 });
  } else {
    try {
      perform('read', path, { position: 0, length: 0 });
    } catch (error) {
      // A folder can be opened, only not read.
      if (error.code !== 'EISDIR') throw error;
    }
  }
}

export function closeSync(fd) {
  file(fd, 'close');
  open.delete(fd);
}

export const fstatSync = (fd, options) => statsOf(perform('stat', file(fd, 'fstat').path), options);

// A place in the file; null means where it stands.
function positionOf(given) {
  if (given === undefined || given === null || given === -1 || given === -1n) return null;
  if (typeof given !== 'bigint' && !Number.isInteger(given)) throw invalidArgType('position', ['bigint', 'integer'], given);
  if (given < 0 || given > Number.MAX_SAFE_INTEGER) throw outOfRange('position', `>= -1 && <= ${Number.MAX_SAFE_INTEGER}`, given);
  return Number(given);
}

/** `readSync(fd, buffer, offset, length, position)`, or with options in place of the last three. */
export function readSync(fd, buffer, ...rest) {
  checkDescriptor(fd);
  const view = viewOf(buffer, 'buffer');
  let [given, length, position] = rest;
  if (rest.length < 2 && given !== undefined) {
    if (given !== null && typeof given !== 'object') throw invalidArgType('options', 'object', given);
    ({ offset: given, length, position } = given ?? {});
  }
  const offset = given === undefined || given === null ? 0 : checkInteger(given, 'offset');
  const count = length === undefined || length === null ? view.length - offset : length | 0;
  if (count === 0) return 0;
  if (view.length === 0) throw invalidBuffer(buffer);
  if (count < 0) throw outOfRange('length', '>= 0', count);
  if (count > view.length - offset) throw outOfRange('length', `<= ${view.length - offset}`, count);
  return readAt(fd, view.subarray(offset, offset + count), positionOf(position));
}

const invalidBuffer = buffer => invalidArgType('buffer', 'Buffer', buffer);

/** What is left of an open file, from where it stands. */
export function readRest(fd) {
  const opened = file(checkDescriptor(fd), 'fstat');
  if (!opened.canRead) throw badDescriptor('read');
  const buffer = Buffer.alloc(Math.max(0, fstatSync(fd).size - opened.position));
  // A folder has a size too: reading it tells what it is.
  if (buffer.length === 0 && fstatSync(fd).isFile()) return buffer;
  return buffer.subarray(0, readAt(fd, buffer, null));
}

function readAt(fd, view, position) {
  const opened = file(fd, 'read');
  if (!opened.canRead) throw badDescriptor('read');
  const bytes = perform('read', opened.path, { position: position ?? opened.position, length: view.length });
  view.set(bytes);
  if (position === null) opened.position += bytes.length;
  return bytes.length;
}

/** `writeSync(fd, buffer, offset, length, position)` or `writeSync(fd, text, position, encoding)`. */
export function writeSync(fd, data, ...rest) {
  checkDescriptor(fd);
  if (typeof data === 'string') {
    const [position, encoding] = rest;
    return writeAt(fd, Buffer.from(data, encoding ?? 'utf8'), typeof position === 'number' ? positionOf(position) : null);
  }
  const view = viewOf(data, 'buffer', ['string', 'Buffer', 'TypedArray', 'DataView']);
  let [given, length, position] = rest;
  if (typeof given === 'object' && given !== null) ({ offset: given, length, position } = given);
  const offset = given === undefined || given === null ? 0 : checkInteger(given, 'offset');
  const count = typeof length === 'number' ? length : view.length - offset;
  if (offset > view.length) throw outOfRange('offset', `<= ${view.length}`, offset);
  if (count > view.length - offset) throw outOfRange('length', `<= ${view.length - offset}`, count);
  if (count < 0) throw outOfRange('length', '>= 0', count);
  return writeAt(fd, view.subarray(offset, offset + count), positionOf(position));
}

function writeAt(fd, data, position) {
  // Standard output and error belong to the run; what is written there becomes its output.
  if ((fd === 1 || fd === 2) && globalThis.process !== undefined) {
    globalThis.process[fd === 1 ? 'stdout' : 'stderr'].write(Buffer.from(data).toString());
    return data.length;
  }
  const opened = file(fd, 'write');
  if (!opened.canWrite) throw badDescriptor('write');
  if (opened.appends) {
    perform('write', opened.path, { data, flag: 'a', mode: 0o666 });
  } else {
    perform('write', opened.path, { data, flag: 'r+', mode: 0o666, position: position ?? opened.position });
    if (position === null) opened.position += data.length;
  }
  return data.length;
}

const checkViews = buffers => {
  const areViews = Array.isArray(buffers) && buffers.every(one => ArrayBuffer.isView(one));
  if (!areViews) throw invalidArgType('buffers', 'ArrayBufferView[]', buffers);
};

function inTurn(fd, buffers, givenPosition, act) {
  checkDescriptor(fd);
  checkViews(buffers);
  const start = positionOf(givenPosition);
  let total = 0;
  for (const buffer of buffers) {
    const view = viewOf(buffer, 'buffer');
    const count = act(fd, view, start === null ? null : start + total);
    total += count;
    if (count < view.length) break;
  }
  return total;
}

export const readvSync = (fd, buffers, position) => inTurn(fd, buffers, position, readAt);
export const writevSync = (fd, buffers, position) => inTurn(fd, buffers, position, writeAt);

export function ftruncateSync(fd, length = 0) {
  checkDescriptor(fd);
  checkInteger(length, 'len', Number.MIN_SAFE_INTEGER);
  perform('truncate', file(fd, 'ftruncate').path, { length: Math.max(0, length) });
}

export function fchmodSync(fd, mode) {
  checkDescriptor(fd);
  perform('chmod', file(fd, 'fchmod').path, { mode: modeOf(mode, 'mode') });
}

export function futimesSync(fd, accessed, modified) {
  checkDescriptor(fd);
  perform('utimes', file(fd, 'futime').path, { atime: secondsOf(accessed, 'atime'), mtime: secondsOf(modified, 'mtime') });
}

/** Nothing is held back here that would have to be written first. */
export const fsyncSync = fd => void file(fd, 'fsync');
export const fdatasyncSync = fd => void file(fd, 'fdatasync');

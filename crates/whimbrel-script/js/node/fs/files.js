// Whole files: read, write, append, copy, truncate.

import { bitsOf, bytesOf, checkBoolean, checkInteger, encoded, flagsOf, modeOf, optionsOf, pathOf, writeFlag } from './arguments.js';
import constants from './constants.js';
import { closeSync, ftruncateSync, isDescriptor, openSync, readRest, writeSync } from './descriptors.js';
import { badDescriptor, perform } from './system_error.js';

export function readFileSync(path, given) {
  const { encoding, flag } = optionsOf(given, { flag: 'r' });
  const flags = flagsOf(flag);
  if (isDescriptor(path)) return encoded(readRest(path), encoding);
  if (flags === constants.O_RDONLY) return encoded(perform('read', pathOf(path)), encoding);
  const fd = openSync(path, flag, 0o666);
  try {
    return encoded(readRest(fd), encoding);
  } finally {
    closeSync(fd);
  }
}

export function writeFileSync(path, data, given) {
  write(path, data, optionsOf(given, { encoding: 'utf8', mode: 0o666, flag: 'w', flush: false }));
}

export function appendFileSync(path, data, given) {
  write(path, data, optionsOf(given, { encoding: 'utf8', mode: 0o666, flag: 'a', flush: false }));
}

function write(path, data, { encoding, mode, flag, flush }) {
  if (flush !== undefined && flush !== null) checkBoolean(flush, 'options.flush');
  const bytes = bytesOf(data, encoding);
  if (isDescriptor(path)) {
    writeSync(path, bytes, 0, bytes.length, null);
    return;
  }
  const target = pathOf(path);
  const how = writeFlag(flagsOf(flag));
  if (how === null) {
    closeSync(openSync(path, flag));
    throw badDescriptor('write');
  }
  perform('write', target, { data: bytes, flag: how, mode: modeOf(mode, 'mode', 0o666), ...(how === 'r+' ? { position: 0 } : {}) });
}

export function copyFileSync(source, destination, mode) {
  const from = pathOf(source, 'src');
  const to = pathOf(destination, 'dest');
  perform('copy', from, { to, exclusive: (bitsOf(mode, 0) & constants.COPYFILE_EXCL) !== 0 });
}

/** A descriptor is accepted as well, as an old habit has it. */
export function truncateSync(path, length = 0) {
  if (typeof path === 'number') {
    ftruncateSync(path, length);
    return;
  }
  checkInteger(length, 'len', Number.MIN_SAFE_INTEGER);
  perform('truncate', pathOf(path), { length: Math.max(0, length) });
}

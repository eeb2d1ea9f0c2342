// `opendir`: a folder read entry by entry.

import { invalidArgType, nodeError } from '../errors.js';
import { optionsOf, pathOf } from './arguments.js';
import { readdirSync } from './folders.js';
import { later, told } from './later.js';

const closed = () => nodeError(Error, 'ERR_DIR_CLOSED', 'Directory handle was closed');

export class Dir {
  #entries;
  #isClosed = false;

  constructor(path, entries) {
    this.#entries = entries;
    Object.defineProperty(this, 'path', { value: path, enumerable: false });
  }

  readSync() {
    if (this.#isClosed) throw closed();
    return this.#entries.shift() ?? null;
  }

  read(callback) {
    if (callback === undefined) return told(() => this.readSync());
    if (typeof callback !== 'function') throw invalidArgType('callback', 'function', callback);
    const entry = this.readSync();
    later(callback, null, entry);
    return undefined;
  }

  closeSync() {
    if (this.#isClosed) throw closed();
    this.#isClosed = true;
  }

  close(callback) {
    if (callback === undefined) return told(() => this.closeSync());
    if (typeof callback !== 'function') throw invalidArgType('callback', 'function', callback);
    this.closeSync();
    later(callback, null);
    return undefined;
  }

  async *entries() {
    try {
      for (let entry = await this.read(); entry !== null; entry = await this.read()) yield entry;
    } finally {
      await this.close();
    }
  }

  [Symbol.asyncIterator]() { return this.entries(); }
}

export function opendirSync(path, given) {
  const { encoding, recursive } = optionsOf(given, { encoding: 'utf8' });
  const folder = pathOf(path);
  try {
    return new Dir(folder, readdirSync(folder, { encoding, recursive, withFileTypes: true }));
  } catch (error) {
    if (error.syscall === 'scandir') {
      // Opening a folder is named differently, and tells no path.
      error.message = error.message.replace(/scandir '.*'$/s, 'opendir');
      error.syscall = 'opendir';
      if (error.code !== 'ERR_ACCESS_DENIED') delete error.path;
    }
    throw error;
  }
}

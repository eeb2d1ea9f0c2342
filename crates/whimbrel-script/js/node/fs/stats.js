// What `stat` and `readdir` answer: `Stats`, `BigIntStats`, `Dirent`.

import constants from './constants.js';

const { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } = constants;
const TYPE_OF_KIND = { file: S_IFREG, directory: S_IFDIR, symlink: S_IFLNK, other: 0 };
const TESTS = {
  isDirectory: S_IFDIR, isFile: S_IFREG, isBlockDevice: S_IFBLK, isCharacterDevice: S_IFCHR, isSymbolicLink: S_IFLNK, isFIFO: S_IFIFO,
  isSocket: S_IFSOCK,
};
const TIMES = ['atime', 'mtime', 'ctime', 'birthtime'];
const BLOCK = 4096;

const kind = Symbol('type');

function addTests(Class, typeOf) {
  for (const [name, type] of Object.entries(TESTS)) {
    const test = { [name]() { return typeOf(this) === type; } }[name];
    Object.defineProperty(Class.prototype, name, { value: test, writable: true, configurable: true });
  }
}

// A `birthtime` that the file system does not keep counts as zero.
function fill(stats, entry, number) {
  const numbers = {
    dev: entry.dev ?? 0, mode: modeOf(entry), nlink: entry.nlink ?? 1, uid: entry.uid ?? 0, gid: entry.gid ?? 0, rdev: entry.rdev ?? 0,
    blksize: BLOCK, ino: entry.ino ?? 0, size: entry.size, blocks: entry.blocks ?? 8 * Math.ceil(entry.size / BLOCK),
  };
  for (const [name, value] of Object.entries(numbers)) stats[name] = number(value);
  for (const name of TIMES) stats[`${name}Ms`] = number(entry[`${name}Ms`] ?? 0);
  return stats;
}

function fillDates(stats, entry) {
  for (const name of TIMES) stats[name] = new Date(Math.round(entry[`${name}Ms`] ?? 0));
}

// The type is part of the mode, as POSIX has it, also where the host gives permissions only.
function modeOf({ mode = 0, kind: name }) {
  return (mode & S_IFMT) === 0 ? mode | TYPE_OF_KIND[name] : mode;
}

export class Stats {
  constructor(entry) {
    if (entry === undefined) return;
    fillDates(fill(this, entry, value => value), entry);
  }
}
addTests(Stats, stats => stats.mode & S_IFMT);

class BigIntStats {
  constructor(entry) {
    fill(this, entry, value => BigInt(Math.trunc(value)));
    for (const name of TIMES) this[`${name}Ns`] = BigInt(Math.round((entry[`${name}Ms`] ?? 0) * 1e3)) * 1000n;
    fillDates(this, entry);
  }
}
addTests(BigIntStats, stats => Number(stats.mode) & S_IFMT);

export const statsOf = (entry, options) => (options?.bigint ? new BigIntStats(entry) : new Stats(entry));

export class Dirent {
  constructor(name, parentPath, type) {
    this.name = name;
    this.parentPath = parentPath;
    this.path = parentPath;
    Object.defineProperty(this, kind, { value: TYPE_OF_KIND[type] ?? 0 });
  }
}
addTests(Dirent, entry => entry[kind]);

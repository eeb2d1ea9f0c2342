// `path.win32`: paths with backslashes (slashes are read as well), drives and network shares.

import { host } from '../host.js';
import { baseName, baseParts, collapse, extensionAt, formatWith, lastSegment, text } from './shared.js';

const SEPARATORS = /[\\/]+/;
const isSeparator = character => character === '\\' || character === '/';
// What Windows takes for a device wherever it stands.
const RESERVED = /^(?:con|prn|aux|nul|(?:com|lpt)[1-9\u00b9\u00b2\u00b3]):/i;
const hasDrive = path => /^[a-z]:/i.test(path);

// A server and a share with separators behind both.
const SHARE = /^[\\/]{2}([^\\/]+)[\\/]+([^\\/]+)/;

/** `{ device, isAbsolute, end }`: the drive or share, whether a separator follows, and where the rest begins. */
function rootOf(path) {
  const share = SHARE.exec(path);
  // `\\?` and `\\.` are devices of their own.
  if (share !== null && /^[?.]$/.test(share[1])) return { device: `\\\\${share[1]}`, isAbsolute: true, end: 4 };
  if (share !== null) return { device: `\\\\${share[1]}\\${share[2]}`, isAbsolute: true, end: share[0].length };
  if (isSeparator(path[0])) return { device: '', isAbsolute: true, end: 1 };
  if (!hasDrive(path)) return { device: '', isAbsolute: false, end: 0 };
  const isAbsolute = isSeparator(path[2]);
  return { device: path.slice(0, 2), isAbsolute, end: isAbsolute ? 3 : 2 };
}

// Where the root ends for `dirname` and `parse`: behind the separator that follows a share.
function rootEnd(path) {
  const share = SHARE.exec(path);
  if (share === null) return rootOf(path).end;
  return Math.min(share[0].length + 1, path.length);
}

function resolve(...paths) {
  let device = '';
  let tail = '';
  let isAbsolute = false;
  for (let i = paths.length - 1; i >= -1 && !(isAbsolute && device !== ''); i--) {
    const path = i < 0 ? host.projectFolder() : text(paths[i], `paths[${i}]`);
    if (path === '') continue;
    const root = rootOf(path);
    if (root.device !== '') {
      if (device === '') device = root.device;
      else if (device.toLowerCase() !== root.device.toLowerCase()) {
        // The current folder lies on another drive: the drive's own is taken to be its root. One on a share
        // says nothing of drives.
        if (i < 0 && !isAbsolute) isAbsolute = path[2] === '\\';
        continue;
      }
    }
    if (isAbsolute) continue;
    tail = `${path.slice(root.end)}\\${tail}`;
    isAbsolute = root.isAbsolute;
  }
  const inside = collapse(tail, SEPARATORS, !isAbsolute).join('\\');
  return `${device}${isAbsolute ? '\\' : ''}${inside}` || '.';
}

function normalize(path) {
  text(path, 'path');
  if (path === '') return '.';
  const reserved = RESERVED.exec(path)?.[0];
  const { device, isAbsolute, end } =
    reserved === undefined ? rootOf(path) : { device: reserved, isAbsolute: false, end: reserved.length };
  const rest = path.slice(end);
  let inside = collapse(rest, SEPARATORS, !isAbsolute).join('\\');
  if (inside === '' && !isAbsolute) inside = '.';
  if (inside !== '' && isSeparator(path.at(-1)) && rest !== '') inside += '\\';
  // Nothing relative may turn into a drive or a device by being normalized.
  const isBare = device === '' && !isAbsolute && path.length > 1;
  const isRisky = isBare && (/:(?:[\\/]|$)/.test(path) || (path.includes(':') && hasDrive(inside)));
  if (isRisky || reserved !== undefined) return `.\\${device}${inside}`;
  return `${device}${isAbsolute ? '\\' : ''}${inside}`;
}

function isAbsolute(path) {
  return /^(?:[a-z]:)?[\\/]/i.test(text(path, 'path'));
}

function join(...paths) {
  const given = paths.filter(path => text(path, 'path') !== '');
  if (given.length === 0) return '.';
  const joined = given.join('\\');
  // Only a first part that names a share itself makes one; separators that met by joining do not.
  const isShare = /^[\\/]{2}[^\\/]/.test(given[0]);
  return normalize(isShare ? joined : joined.replace(/^[\\/]{2,}/, '\\'));
}

function relative(from, to) {
  text(from, 'from');
  text(to, 'to');
  if (from === to) return '';
  const target = resolve(to);
  const left = resolve(from).split('\\').filter(segment => segment !== '');
  const right = target.split('\\').filter(segment => segment !== '');
  const isSame = i => i < left.length && i < right.length && left[i].toLowerCase() === right[i].toLowerCase();
  let shared = 0;
  while (isSame(shared)) shared += 1;
  if (shared === 0 && left.length > 0) return target;
  return [...left.slice(shared).fill('..'), ...right.slice(shared)].join('\\');
}

function toNamespacedPath(path) {
  if (typeof path !== 'string' || path === '') return path;
  const resolved = resolve(path);
  if (resolved.length <= 2) return path;
  if (/^\\\\[^?.]/.test(resolved)) return `\\\\?\\UNC\\${resolved.slice(2)}`;
  return /^[a-z]:\\/i.test(resolved) ? `\\\\?\\${resolved}` : resolved;
}

function dirname(path) {
  text(path, 'path');
  if (path === '') return '.';
  const root = rootEnd(path);
  const { begin } = lastSegment(path, root, isSeparator);
  if (begin > root) return path.slice(0, begin - 1);
  return root === 0 ? '.' : path.slice(0, root);
}

function basename(path, suffix) {
  if (suffix !== undefined) text(suffix, 'suffix');
  return baseName(text(path, 'path'), suffix, hasDrive(path) ? 2 : 0, isSeparator);
}

function extname(path) {
  const base = basename(path);
  return base.slice(extensionAt(base));
}

function parse(path) {
  text(path, 'path');
  const start = rootEnd(path);
  const root = path.slice(0, start);
  const { begin, end } = lastSegment(path, start, isSeparator);
  const dir = begin > start ? path.slice(0, begin - 1) : root;
  return { root, dir, ...baseParts(path.slice(begin, end)) };
}

export default {
  resolve, normalize, isAbsolute, join, relative, toNamespacedPath, dirname, basename, extname, format: formatWith('\\'),
  parse, sep: '\\', delimiter: ';', win32: null, posix: null, _makeLong: toNamespacedPath,
};

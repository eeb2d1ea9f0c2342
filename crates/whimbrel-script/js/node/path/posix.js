// `path.posix`: paths with slashes.

import { host } from '../host.js';
import { baseName, baseParts, collapse, extensionAt, formatWith, lastSegment, text } from './shared.js';

const isSeparator = character => character === '/';

// The current folder. One of Windows loses its drive, as in Node.js.
function currentFolder() {
  const folder = host.projectFolder();
  if (host.osInfo?.().platform !== 'win32') return folder;
  const slashed = folder.replaceAll('\\', '/');
  return slashed.slice(slashed.indexOf('/'));
}

function resolve(...paths) {
  let resolved = '';
  for (let i = paths.length - 1; i >= -1 && !resolved.startsWith('/'); i--) {
    const path = i < 0 ? currentFolder() : text(paths[i], `paths[${i}]`);
    if (path !== '') resolved = `${path}/${resolved}`;
  }
  const isAbsolute = resolved.startsWith('/');
  const inside = collapse(resolved, '/', !isAbsolute).join('/');
  if (isAbsolute) return `/${inside}`;
  return inside === '' ? '.' : inside;
}

function normalize(path) {
  text(path, 'path');
  if (path === '') return '.';
  const isAbsolute = path.startsWith('/');
  const inside = collapse(path, '/', !isAbsolute).join('/') || (isAbsolute ? '' : '.');
  const end = inside !== '' && path.endsWith('/') ? '/' : '';
  return `${isAbsolute ? '/' : ''}${inside}${end}`;
}

function isAbsolute(path) {
  return text(path, 'path').startsWith('/');
}

function join(...paths) {
  const given = paths.filter(path => text(path, 'path') !== '');
  return given.length === 0 ? '.' : normalize(given.join('/'));
}

function relative(from, to) {
  text(from, 'from');
  text(to, 'to');
  if (from === to) return '';
  const left = collapse(resolve(from), '/', false);
  const right = collapse(resolve(to), '/', false);
  let shared = 0;
  while (shared < left.length && shared < right.length && left[shared] === right[shared]) shared += 1;
  return [...left.slice(shared).fill('..'), ...right.slice(shared)].join('/');
}

const toNamespacedPath = path => path;

function dirname(path) {
  text(path, 'path');
  if (path === '') return '.';
  const { begin } = lastSegment(path, 0, isSeparator);
  if (begin === 0) return path.startsWith('/') ? '/' : '.';
  if (begin === 1) return '/';
  return begin === 2 && path.startsWith('/') ? '//' : path.slice(0, begin - 1);
}

function basename(path, suffix) {
  if (suffix !== undefined) text(suffix, 'suffix');
  return baseName(text(path, 'path'), suffix, 0, isSeparator);
}

function extname(path) {
  const base = baseName(text(path, 'path'), undefined, 0, isSeparator);
  return base.slice(extensionAt(base));
}

function parse(path) {
  text(path, 'path');
  const root = path.startsWith('/') ? '/' : '';
  const { begin, end } = lastSegment(path, 0, isSeparator);
  const dir = begin > 1 ? path.slice(0, begin - 1) : root;
  return { root, dir, ...baseParts(path.slice(begin, end)) };
}

export default {
  resolve, normalize, isAbsolute, join, relative, toNamespacedPath, dirname, basename, extname, format: formatWith('/'),
  parse, sep: '/', delimiter: ':', win32: null, posix: null, _makeLong: toNamespacedPath,
};

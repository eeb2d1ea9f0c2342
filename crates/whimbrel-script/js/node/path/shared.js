// What both spellings of paths have in common: segments, base names, extensions, `format`.
//
// A spelling hands in its separators as a test (`isSeparator`) and where the part behind the root begins
// (`start`). Where Node.js answers oddly ("b/" for `basename('b/', 'ab')`), so does this: scripts compare paths
// as text.

import { invalidArgType } from '../errors.js';

/** The argument itself, if it is text. */
export function text(value, name) {
  if (typeof value !== 'string') throw invalidArgType(name, 'string', value);
  return value;
}

/** The segments of `path` without `.` and empty ones; `..` stays only where it leads out (`mayClimb`). */
export function collapse(path, separators, mayClimb) {
  const kept = [];
  for (const segment of path.split(separators)) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') kept.push(segment);
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (mayClimb) kept.push('..');
  }
  return kept;
}

/** Where the last segment at or behind `start` begins and ends; trailing separators are no part of it. */
export function lastSegment(path, start, isSeparator) {
  let end = path.length;
  while (end > start && isSeparator(path[end - 1])) end -= 1;
  let begin = end;
  while (begin > start && !isSeparator(path[begin - 1])) begin -= 1;
  return { begin, end };
}

/** `basename`: the last segment, without `suffix` if that leaves something. */
export function baseName(path, suffix, start, isSeparator) {
  const { begin, end } = lastSegment(path, start, isSeparator);
  const base = path.slice(begin, end);
  if (suffix === undefined || suffix === '' || suffix.length > path.length) return base;
  if (suffix === path) return '';
  if (base === suffix) return base;
  if (base.endsWith(suffix)) return base.slice(0, -suffix.length);
  // A suffix that is longer than the segment and ends in it brings the trailing separators back.
  return suffix.endsWith(base) ? path.slice(begin) : base;
}

/** Where the extension of a last segment begins; its end if there is none. */
export function extensionAt(base) {
  const dot = base.lastIndexOf('.');
  return dot <= 0 || base === '..' ? base.length : dot;
}

/** What `parse` says of the last segment. */
export function baseParts(base) {
  const dot = extensionAt(base);
  return { base, ext: base.slice(dot), name: base.slice(0, dot) };
}

/** `format` for one separator. */
export const formatWith = separator => parts => {
  if (parts === null || typeof parts !== 'object' || Array.isArray(parts)) {
    throw invalidArgType('pathObject', 'Object', parts);
  }
  const folder = parts.dir || parts.root;
  const dot = parts.ext && parts.ext[0] !== '.' ? '.' : '';
  const base = parts.base || `${parts.name || ''}${dot}${parts.ext || ''}`;
  if (!folder) return base;
  return folder === parts.root ? `${folder}${base}` : `${folder}${separator}${base}`;
};

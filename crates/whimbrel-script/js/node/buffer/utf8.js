// UTF-8, both ways, and what is needed to read it in pieces.
//
// Longer input goes to the host where it offers the operation; the loops here answer alike. A lone
// surrogate is written as U+FFFD, and so is each maximal malformed piece read (WHATWG's rule, table 3-7 of
// the Unicode standard).

import { host } from '../host.js';
import { CHUNK, NATIVE_FROM, plainView, textOf } from './text_units.js';

// How many bytes follow a lead byte; 0 for bytes that cannot lead.
const FOLLOWERS = new Uint8Array(256);
FOLLOWERS.fill(1, 0xc2, 0xe0).fill(2, 0xe0, 0xf0).fill(3, 0xf0, 0xf5);

// The bounds of the byte after the lead: narrower ones rule out overlong forms, surrogates and values past
// U+10FFFF. All later bytes are 0x80 to 0xbf.
const LOWEST = new Uint8Array(256).fill(0x80);
const HIGHEST = new Uint8Array(256).fill(0xbf);
LOWEST[0xe0] = 0xa0;
LOWEST[0xf0] = 0x90;
HIGHEST[0xed] = 0x9f;
HIGHEST[0xf4] = 0x8f;

const isHigh = unit => unit >= 0xd800 && unit <= 0xdbff;
const isLow = unit => unit >= 0xdc00 && unit <= 0xdfff;

export function utf8Length(text) {
  if (text.length >= NATIVE_FROM && host.utf8Encode !== undefined) return host.utf8Encode(text.toWellFormed()).length;
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    length += unit < 0x800 ? 1 : 2;
    // A pair is two units for four bytes.
    if (isHigh(unit) && isLow(text.charCodeAt(i + 1))) i += 1;
  }
  return length;
}

/** Writes what fits whole into `bytes[start..end]`: `{ read, written }`, in code units and in bytes. */
export function writeUtf8(text, bytes, start, end) {
  let at = start;
  let read = 0;
  for (; read < text.length && at < end; read++) {
    const unit = text.charCodeAt(read);
    if (unit < 0x80) {
      bytes[at++] = unit;
    } else if (unit < 0x800) {
      if (at + 2 > end) break;
      bytes[at++] = 0xc0 | (unit >> 6);
      bytes[at++] = 0x80 | (unit & 0x3f);
    } else if (isHigh(unit) && isLow(text.charCodeAt(read + 1))) {
      if (at + 4 > end) break;
      const point = 0x10000 + ((unit & 0x3ff) << 10) + (text.charCodeAt(read + 1) & 0x3ff);
      bytes[at++] = 0xf0 | (point >> 18);
      bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[at++] = 0x80 | (point & 0x3f);
      read += 1;
    } else {
      if (at + 3 > end) break;
      const point = (unit & 0xf800) === 0xd800 ? 0xfffd : unit;
      bytes[at++] = 0xe0 | (point >> 12);
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[at++] = 0x80 | (point & 0x3f);
    }
  }
  return { read, written: at - start };
}

export function encodeUtf8(text) {
  if (text.length >= NATIVE_FROM && host.utf8Encode !== undefined) return host.utf8Encode(text.toWellFormed());
  const bytes = new Uint8Array(utf8Length(text));
  writeUtf8(text, bytes, 0, bytes.length);
  return bytes;
}

export function decodeUtf8(bytes, start, end) {
  if (end - start >= NATIVE_FROM && host.utf8Decode !== undefined) return host.utf8Decode(plainView(bytes, start, end));
  const units = new Uint16Array(Math.min(CHUNK, end - start + 1));
  const full = units.length - 1;
  let text = '';
  let count = 0;
  let i = start;
  while (i < end) {
    // One point may be two units.
    if (count >= full) {
      text += textOf(units, 0, count);
      count = 0;
    }
    const lead = bytes[i++];
    if (lead < 0x80) {
      units[count++] = lead;
      continue;
    }
    let more = FOLLOWERS[lead];
    let point = lead & (0x3f >> more);
    let isWhole = more > 0;
    for (let low = LOWEST[lead], high = HIGHEST[lead]; more > 0; more--, low = 0x80, high = 0xbf) {
      const byte = i < end ? bytes[i] : 0;
      if (byte < low || byte > high) {
        isWhole = false;
        break;
      }
      point = (point << 6) | (byte & 0x3f);
      i += 1;
    }
    if (!isWhole) point = 0xfffd;
    if (point > 0xffff) {
      units[count++] = 0xd7c0 + (point >> 10);
      point = 0xdc00 | (point & 0x3ff);
    }
    units[count++] = point;
  }
  return text + textOf(units, 0, count);
}

/** Length of the sequence that begins at `at`, if it is whole; 0 if malformed, -1 if cut off by `end`. */
function sequenceAt(bytes, at, end) {
  const lead = bytes[at];
  if (lead < 0x80) return 1;
  const more = FOLLOWERS[lead];
  if (more === 0) return 0;
  let low = LOWEST[lead];
  let high = HIGHEST[lead];
  for (let i = at + 1; i <= at + more; i++) {
    if (i >= end) return -1;
    if (bytes[i] < low || bytes[i] > high) return 0;
    low = 0x80;
    high = 0xbf;
  }
  return more + 1;
}

export function isValidUtf8(bytes, start, end) {
  for (let i = start; i < end;) {
    const length = bytes[i] < 0x80 ? 1 : sequenceAt(bytes, i, end);
    if (length <= 0) return false;
    i += length;
  }
  return true;
}

/** Where the sequence begins that later bytes may still complete; `end` if there is none. */
export function incompleteFrom(bytes, start, end) {
  for (let i = end - 1; i >= start && i >= end - 3; i--) {
    if ((bytes[i] & 0xc0) !== 0x80) return sequenceAt(bytes, i, end) === -1 ? i : end;
  }
  return end;
}

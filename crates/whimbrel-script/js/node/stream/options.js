// What the options of both sides share: the high-water mark and switches that name one side of a duplex.

import { invalidArgType, invalidArgValue, outOfRange } from '../errors.js';

let bytes = 16 * 1024;
let objects = 16;

export const getDefaultHighWaterMark = objectMode => (objectMode ? objects : bytes);

export function setDefaultHighWaterMark(objectMode, value) {
  if (typeof value !== 'number') throw invalidArgType('value', 'number', value);
  if (!Number.isInteger(value)) throw outOfRange('value', 'an integer', value);
  if (value < 0) throw outOfRange('value', `>= 0 && <= ${Number.MAX_SAFE_INTEGER}`, value);
  if (objectMode) objects = value;
  else bytes = value;
}

/** The mark of one side; `sideName` (`readableHighWaterMark`) counts for duplexes only. */
export function highWaterMark(objectMode, options, sideName, isDuplex) {
  const given = options?.highWaterMark ?? (isDuplex ? options?.[sideName] : null) ?? null;
  if (given === null) return getDefaultHighWaterMark(objectMode);
  if (!Number.isInteger(given) || given < 0) {
    throw invalidArgValue(isDuplex ? `options.${sideName}` : 'options.highWaterMark', given);
  }
  return Math.floor(given);
}

/** A switch for both sides (`objectMode`) or for this one (`readableObjectMode`). */
export const isObjectMode = (options, sideName, isDuplex) => Boolean(options?.objectMode || (isDuplex && options?.[sideName]));

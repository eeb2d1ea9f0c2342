// `Readable.from`: a stream of whatever can be iterated.

import { Buffer } from '../buffer.js';
import { invalidArgType } from '../errors.js';
import { nullValues } from './errors.js';
import { Readable } from './readable.js';
import { nextTick } from './tick.js';

/** Called as a method of `Readable` or `Duplex`: the result is one of those. */
export function from(iterable, options) {
  const Class = typeof this === 'function' ? this : Readable;
  if (typeof iterable === 'string' || Buffer.isBuffer(iterable)) {
    return new Class({
      objectMode: true,
      ...options,
      read() {
        this.push(iterable);
        this.push(null);
      },
    });
  }
  const isAsync = Boolean(iterable?.[Symbol.asyncIterator]);
  if (!isAsync && !iterable?.[Symbol.iterator]) throw invalidArgType('iterable', ['Iterable'], iterable);
  const iterator = isAsync ? iterable[Symbol.asyncIterator]() : iterable[Symbol.iterator]();
  return streamOf(new Class({ objectMode: true, highWaterMark: 1, ...options }), iterator, isAsync);
}

function streamOf(stream, iterator, isAsync) {
  let isReading = false;
  const pushNext = async () => {
    try {
      while (true) {
        const { value, done } = isAsync ? await iterator.next() : iterator.next();
        if (done) {
          stream.push(null);
          return;
        }
        const piece = typeof value?.then === 'function' ? await value : value;
        if (piece === null) {
          isReading = false;
          throw nullValues();
        }
        if (!stream.push(piece)) {
          isReading = false;
          return;
        }
      }
    } catch (error) {
      stream.destroy(error);
    }
  };
  stream._read = () => {
    if (isReading) return;
    isReading = true;
    pushNext();
  };
  stream._destroy = (error, callback) => {
    close(iterator, error).then(() => nextTick(callback, error), failure => nextTick(callback, failure || error));
  };
  return stream;
}

// The iterator hears of the end, and may clean up.
async function close(iterator, error) {
  if (error !== null && error !== undefined && typeof iterator.throw === 'function') {
    const { value, done } = await iterator.throw(error);
    await value;
    if (done) return;
  }
  if (typeof iterator.return === 'function') {
    const { value } = await iterator.return();
    await value;
  }
}

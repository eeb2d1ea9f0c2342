// `Readable`: the source side of a stream.
//
// This file takes pieces in (`push`) and gives them out (`read`, 'data', 'readable', 'end').
// The modes are in `readable_modes.js`, pipes in `pipe.js`, async iteration in `iterate.js`, `map` and its like in `operators.js`.

import { Buffer } from '../buffer.js';
import { invalidArgType, outOfRange } from '../errors.js';
import { addSignal } from './abort.js';
import { notImplemented, pushAfterEnd, unshiftAfterEnd } from './errors.js';
import { createIterator } from './iterate.js';
import { Stream } from './legacy.js';
import { construct, destroy, fail } from './lifecycle.js';
import { pipe, unpipe } from './pipe.js';
import {
  afterReadableListener, flow, onDataListener, onReadableListener, pause, resume, setEncoding, wrap,
} from './readable_modes.js';
import { ReadableState } from './readable_state.js';
import { nextTick } from './tick.js';

const LARGEST_MARK = 2 ** 30;

export function Readable(options) {
  if (!(this instanceof Readable)) return new Readable(options);
  startReadable(this, options, false);
}
Object.setPrototypeOf(Readable.prototype, Stream.prototype);
Object.setPrototypeOf(Readable, Stream);
Readable.ReadableState = ReadableState;

/** The readable half of a constructor; `Duplex` calls it too and runs `_construct` itself. */
export function startReadable(stream, options, isDuplex) {
  stream._readableState = new ReadableState(options, isDuplex);
  if (options) {
    if (typeof options.read === 'function') stream._read = options.read;
    if (typeof options.destroy === 'function') stream._destroy = options.destroy;
    if (typeof options.construct === 'function') stream._construct = options.construct;
  }
  Stream.call(stream, options);
  if (options?.signal && !isDuplex) addSignal(options.signal, stream);
  if (!isDuplex) construct(stream, () => onConstructed(stream));
}

export function onConstructed(stream) {
  if (stream._readableState.needReadable) readMore(stream);
}

const methods = {
  destroy,
  _destroy(error, callback) { callback(error); },
  _read() { throw notImplemented('_read()'); },
  push(chunk, encoding) { return takeIn(this, chunk, encoding, false); },
  unshift(chunk, encoding) { return takeIn(this, chunk, encoding, true); },
  isPaused() { return this._readableState.paused === true || this._readableState.flowing === false; },
  pipe,
  unpipe,
  read,
  resume,
  pause,
  setEncoding,
  wrap,

  on(name, listener) {
    const result = Stream.prototype.on.call(this, name, listener);
    if (name === 'data') onDataListener(this);
    else if (name === 'readable') onReadableListener(this);
    return result;
  },

  removeListener(name, listener) {
    const result = Stream.prototype.removeListener.call(this, name, listener);
    if (name === 'readable') nextTick(afterReadableListener, this);
    return result;
  },

  removeAllListeners(...names) {
    const result = Stream.prototype.removeAllListeners.apply(this, names);
    if (names[0] === 'readable' || names[0] === undefined) nextTick(afterReadableListener, this);
    return result;
  },

  iterator(options) {
    if (options !== undefined && (typeof options !== 'object' || options === null)) {
      throw invalidArgType('options', 'object', options);
    }
    return createIterator(this, options);
  },

  [Symbol.asyncIterator]() { return createIterator(this); },
};
methods.addListener = methods.on;
methods.off = methods.removeListener;
for (const [name, value] of [...Object.entries(methods), [Symbol.asyncIterator, methods[Symbol.asyncIterator]]]) {
  Object.defineProperty(Readable.prototype, name, { value, writable: true, configurable: true, enumerable: true });
}

const getters = {
  readable() {
    const state = this._readableState;
    return Boolean(state) && state.readable !== false && !state.destroyed && !state.errorEmitted && !state.endEmitted;
  },
  readableDidRead() { return this._readableState.dataEmitted; },
  readableAborted() {
    const state = this._readableState;
    return Boolean(state.readable !== false && (state.destroyed || state.errored) && !state.endEmitted);
  },
  readableHighWaterMark() { return this._readableState.highWaterMark; },
  readableBuffer() { return this._readableState?.buffer; },
  readableFlowing() { return this._readableState.flowing; },
  readableLength() { return this._readableState.length; },
  readableObjectMode() { return this._readableState ? this._readableState.objectMode : false; },
  readableEncoding() { return this._readableState ? this._readableState.encoding : null; },
  readableEnded() { return this._readableState ? this._readableState.endEmitted : false; },
  errored() { return this._readableState ? this._readableState.errored : null; },
  closed() { return this._readableState ? this._readableState.closed : false; },
  destroyed() { return this._readableState ? this._readableState.destroyed : false; },
};
const setters = {
  readable(value) { if (this._readableState) this._readableState.readable = Boolean(value); },
  readableFlowing(value) { if (this._readableState) this._readableState.flowing = value; },
  destroyed(value) { if (this._readableState) this._readableState.destroyed = value; },
};
for (const [name, get] of Object.entries(getters)) {
  Object.defineProperty(Readable.prototype, name, { get, set: setters[name], configurable: true });
}

// ---- taking pieces in ----

/** Bytes of any view as a `Buffer` over the same memory. */
export const toBuffer = view => (Buffer.isBuffer(view) ? view : Buffer.from(view.buffer, view.byteOffset, view.byteLength));

function takeIn(stream, given, givenEncoding, atFront) {
  const state = stream._readableState;
  let chunk = given;
  let encoding = givenEncoding;
  if (!state.objectMode && chunk !== null && chunk !== undefined) {
    if (typeof chunk === 'string') {
      encoding ||= state.defaultEncoding;
      if (state.encoding !== encoding) {
        chunk = Buffer.from(chunk, encoding);
        if (atFront && state.encoding) chunk = chunk.toString(state.encoding);
        else encoding = '';
      }
    } else if (ArrayBuffer.isView(chunk)) {
      chunk = toBuffer(chunk);
      encoding = '';
    } else {
      fail(stream, invalidArgType('chunk', ['string', 'Buffer', 'TypedArray', 'DataView'], chunk));
      return false;
    }
  }
  if (chunk === null) {
    state.reading = false;
    takeEnd(stream, state);
  } else if (state.objectMode || (chunk !== undefined && chunk.length > 0)) {
    if (!takePiece(stream, state, chunk, encoding, atFront)) return false;
  } else if (!atFront) {
    state.reading = false;
    readMore(stream);
  }
  return !state.ended && (state.length < state.highWaterMark || state.length === 0);
}

function takePiece(stream, state, chunk, encoding, atFront) {
  if (atFront ? state.endEmitted : state.ended) {
    fail(stream, atFront ? unshiftAfterEnd() : pushAfterEnd());
    return false;
  }
  if (state.destroyed || state.errored) return false;
  if (atFront) {
    addPiece(stream, state, chunk, true);
    return true;
  }
  state.reading = false;
  if (state.decoder && !encoding) {
    const text = state.decoder.write(chunk);
    if (state.objectMode || text.length > 0) addPiece(stream, state, text, false);
    else readMore(stream);
  } else {
    addPiece(stream, state, chunk, false);
  }
  return true;
}

function addPiece(stream, state, chunk, atFront) {
  if (state.flowing && state.length === 0 && !state.sync && stream.listenerCount('data') > 0) {
    state.awaitDrain.clear();
    state.dataEmitted = true;
    stream.emit('data', chunk);
  } else {
    state.length += state.sizeOf(chunk);
    if (atFront) state.buffer.unshift(chunk);
    else state.buffer.push(chunk);
    if (state.needReadable) announce(stream);
  }
  readMore(stream);
}

function takeEnd(stream, state) {
  if (state.ended) return;
  const rest = state.decoder?.end();
  if (rest) {
    state.buffer.push(rest);
    state.length += state.sizeOf(rest);
  }
  state.ended = true;
  if (state.sync) {
    announce(stream);
  } else {
    state.needReadable = false;
    state.emittedReadable = true;
    emitReadable(stream);
  }
}

// ---- giving pieces out ----

/** Has 'readable' emitted in the next tick. */
export function announce(stream) {
  const state = stream._readableState;
  state.needReadable = false;
  if (state.emittedReadable) return;
  state.emittedReadable = true;
  nextTick(emitReadable, stream);
}

function emitReadable(stream) {
  const state = stream._readableState;
  if (!state.destroyed && !state.errored && (state.length > 0 || state.ended)) {
    stream.emit('readable');
    state.emittedReadable = false;
  }
  state.needReadable = !state.flowing && !state.ended && state.length <= state.highWaterMark;
  flow(stream);
}

/** Fills the queue up to the mark, a piece of `_read` at a time. */
function readMore(stream) {
  const state = stream._readableState;
  if (state.readingMore || !state.constructed) return;
  state.readingMore = true;
  nextTick(() => {
    const wantsMore = () => state.length < state.highWaterMark || (state.flowing && state.length === 0);
    while (!state.reading && !state.ended && wantsMore()) {
      const before = state.length;
      stream.read(0);
      if (state.length === before) break;
    }
    state.readingMore = false;
  });
}

function raiseMark(state, wanted) {
  if (wanted > LARGEST_MARK) throw outOfRange('size', '<= 1GiB', wanted);
  state.highWaterMark = 2 ** Math.ceil(Math.log2(wanted));
}

// Whether a call of `read` that takes `count` should also ask `_read` for more.
function shouldRead(state, count) {
  if (state.ended || state.reading || state.destroyed || state.errored || !state.constructed) return false;
  return state.needReadable || state.length === 0 || state.length - count < state.highWaterMark;
}

function read(size) {
  const state = this._readableState;
  const asked = size === undefined ? NaN : Number.isInteger(size) ? size : Number.parseInt(size, 10);
  if (asked > state.highWaterMark) raiseMark(state, asked);
  if (asked !== 0) state.emittedReadable = false;

  // `read(0)` with enough in the queue only makes sure that somebody hears of it.
  const isFull = state.highWaterMark !== 0 ? state.length >= state.highWaterMark : state.length > 0;
  if (asked === 0 && state.needReadable && (isFull || state.ended)) {
    if (state.length === 0 && state.ended) end(this);
    else announce(this);
    return null;
  }
  let count = state.available(asked);
  if (count === 0 && state.ended) {
    if (state.length === 0) end(this);
    return null;
  }
  if (shouldRead(state, count)) {
    askSource(this, state);
    if (!state.reading) count = state.available(asked);
  }

  const taken = count > 0 ? state.take(count) : null;
  if (taken === null) {
    state.needReadable = state.length <= state.highWaterMark;
    count = 0;
  } else {
    state.length -= count;
    state.awaitDrain.clear();
  }
  if (state.length === 0) {
    if (!state.ended) state.needReadable = true;
    if (asked !== count && state.ended) end(this);
  }
  if (taken !== null && !state.errorEmitted && !state.closeEmitted) {
    state.dataEmitted = true;
    this.emit('data', taken);
  }
  return taken;
}

function askSource(stream, state) {
  state.reading = true;
  state.sync = true;
  if (state.length === 0) state.needReadable = true;
  try {
    stream._read(state.highWaterMark);
  } catch (error) {
    fail(stream, error);
  }
  state.sync = false;
}

function end(stream) {
  const state = stream._readableState;
  if (state.endEmitted) return;
  state.ended = true;
  nextTick(emitEnd, stream, state);
}

function emitEnd(stream, state) {
  if (state.errored || state.closeEmitted || state.endEmitted || state.length > 0) return;
  state.endEmitted = true;
  stream.emit('end');
  if (stream.writable && stream.allowHalfOpen === false) {
    nextTick(() => {
      if (stream.writable && !stream.writableEnded && !stream.destroyed) stream.end();
    });
  } else if (state.autoDestroy) {
    const other = stream._writableState;
    if (!other || (other.autoDestroy && (other.finished || other.writable === false))) stream.destroy();
  }
}

// `Writable`: the destination side of a stream.
//
// One write is under way at a time; what comes meanwhile waits in `buffered`. A write that fills the queue
// answers false and is followed by 'drain'. The end is in `writable_end.js`.

import { Buffer } from '../buffer.js';
import { invalidArgType } from '../errors.js';
import { addSignal } from './abort.js';
import {
  cannotPipe, destroyed as destroyedError, multipleCallback, notImplemented, nullValues, writeAfterEnd,
} from './errors.js';
import { Stream } from './legacy.js';
import { construct, destroy as destroyLife, fail } from './lifecycle.js';
import { nextTick } from './tick.js';
import { end, finishMaybe } from './writable_end.js';
import { checkedEncoding, WritableState } from './writable_state.js';

const nothing = () => {};

export function Writable(options) {
  if (!(this instanceof Writable)) return new Writable(options);
  startWritable(this, options, false);
}
Object.setPrototypeOf(Writable.prototype, Stream.prototype);
Object.setPrototypeOf(Writable, Stream);
Writable.WritableState = WritableState;

// A duplex inherits from `Readable` and is a `Writable` all the same.
Object.defineProperty(Writable, Symbol.hasInstance, {
  value(object) {
    if (Function.prototype[Symbol.hasInstance].call(this, object)) return true;
    return this === Writable && Boolean(object) && object._writableState instanceof WritableState;
  },
});

/** The writable half of a constructor; `Duplex` calls it too and runs `_construct` itself. */
export function startWritable(stream, options, isDuplex) {
  stream._writableState = new WritableState(options, isDuplex, error => onWritten(stream, error));
  if (options) {
    if (typeof options.write === 'function') stream._write = options.write;
    if (typeof options.writev === 'function') stream._writev = options.writev;
    if (typeof options.destroy === 'function') stream._destroy = options.destroy;
    if (typeof options.final === 'function') stream._final = options.final;
    if (typeof options.construct === 'function') stream._construct = options.construct;
  }
  if (isDuplex) return;
  Stream.call(stream, options);
  if (options?.signal) addSignal(options.signal, stream);
  construct(stream, () => onConstructed(stream));
}

export function onConstructed(stream) {
  const state = stream._writableState;
  if (!state.writing) flush(stream, state);
  finishMaybe(stream, state);
}

/** The methods `Duplex` takes over. */
export const writableMethods = {
  write(chunk, encoding, callback) { return accept(this, chunk, encoding, callback) === true; },
  end,
  cork() { this._writableState.corked += 1; },

  uncork() {
    const state = this._writableState;
    if (state.corked === 0) return;
    state.corked -= 1;
    if (!state.writing) flush(this, state);
  },

  setDefaultEncoding(given) {
    const encoding = typeof given === 'string' ? given.toLowerCase() : given;
    this._writableState.defaultEncoding = checkedEncoding(encoding);
    return this;
  },

  _write(chunk, encoding, callback) {
    if (!this._writev) throw notImplemented('_write()');
    this._writev([{ chunk, encoding }], callback);
  },

  _writev: null,

  destroy(error, callback) {
    const state = this._writableState;
    if (!state.destroyed && (state.buffered.length > 0 || state.onFinish.length > 0)) nextTick(dropBuffered, state);
    return destroyLife.call(this, error, callback);
  },
};
Object.assign(Writable.prototype, writableMethods, {
  pipe() { fail(this, cannotPipe()); },
  _destroy(error, callback) { callback(error); },
});

export const writableGetters = {
  writable() {
    const state = this._writableState;
    return Boolean(state) && state.writable !== false && !state.destroyed && !state.errored && !state.ending && !state.ended;
  },
  writableFinished() { return this._writableState ? this._writableState.finished : false; },
  writableObjectMode() { return this._writableState ? this._writableState.objectMode : false; },
  writableBuffer() { return this._writableState?.getBuffer(); },
  writableEnded() { return this._writableState ? this._writableState.ending : false; },
  writableNeedDrain() {
    const state = this._writableState;
    return Boolean(state) && !state.destroyed && !state.ending && state.needDrain;
  },
  writableHighWaterMark() { return this._writableState?.highWaterMark; },
  writableCorked() { return this._writableState ? this._writableState.corked : 0; },
  writableLength() { return this._writableState?.length; },
  writableAborted() {
    const state = this._writableState;
    return Boolean(state.writable !== false && (state.destroyed || state.errored) && !state.finished);
  },
};
const lifeGetters = {
  errored() { return this._writableState ? this._writableState.errored : null; },
  closed() { return this._writableState ? this._writableState.closed : false; },
  destroyed() { return this._writableState ? this._writableState.destroyed : false; },
};
const setters = {
  writable(value) { if (this._writableState) this._writableState.writable = Boolean(value); },
  destroyed(value) { if (this._writableState) this._writableState.destroyed = value; },
};
for (const [name, get] of Object.entries({ ...writableGetters, ...lifeGetters })) {
  Object.defineProperty(Writable.prototype, name, { get, set: setters[name], configurable: true });
}
export const writableSetter = setters.writable;

// ---- writing ----

/** True or false as `write` answers, or the error that the call ended with. */
export function accept(stream, given, givenEncoding, givenCallback) {
  const state = stream._writableState;
  let chunk = given;
  let encoding = givenEncoding;
  let callback = givenCallback;
  if (typeof encoding === 'function') [callback, encoding] = [encoding, undefined];
  // Of an object the encoding means nothing: it is handed on as it came.
  if (!state.objectMode) {
    if (!encoding) encoding = state.defaultEncoding;
    else if (encoding !== 'buffer') checkedEncoding(encoding);
  }
  if (typeof callback !== 'function') callback = nothing;

  if (chunk === null) throw nullValues();
  if (!state.objectMode) {
    if (typeof chunk === 'string') {
      if (state.decodeStrings) [chunk, encoding] = [Buffer.from(chunk, encoding), 'buffer'];
    } else if (ArrayBuffer.isView(chunk)) {
      if (!Buffer.isBuffer(chunk)) chunk = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      encoding = 'buffer';
    } else {
      throw invalidArgType('chunk', ['string', 'Buffer', 'TypedArray', 'DataView'], chunk);
    }
  }
  if (state.ending || state.destroyed) {
    const error = state.ending ? writeAfterEnd() : destroyedError('write');
    nextTick(callback, error);
    fail(stream, error, true);
    return error;
  }
  state.pendingcb += 1;
  return writeOrKeep(stream, state, chunk, encoding, callback);
}

function writeOrKeep(stream, state, chunk, encoding, callback) {
  const length = state.objectMode ? 1 : chunk.length;
  state.length += length;
  const hasRoom = state.length < state.highWaterMark;
  if (!hasRoom) state.needDrain = true;
  if (state.writing || state.corked > 0 || state.errored || !state.constructed) {
    state.buffered.push({ chunk, encoding, callback });
  } else {
    startWrite(stream, state, length, callback, () => stream._write(chunk, encoding, state.onwrite));
  }
  return hasRoom && !state.errored && !state.destroyed;
}

function startWrite(stream, state, length, callback, write) {
  state.writelen = length;
  state.writecb = callback;
  state.writing = true;
  state.sync = true;
  if (state.destroyed) state.onwrite(destroyedError('write'));
  else write();
  state.sync = false;
}

function onWritten(stream, error) {
  const state = stream._writableState;
  const { sync, writecb: callback } = state;
  if (typeof callback !== 'function') {
    fail(stream, multipleCallback());
    return;
  }
  state.writing = false;
  state.writecb = null;
  state.length -= state.writelen;
  state.writelen = 0;
  if (error) {
    state.errored ??= error;
    if (stream._readableState) stream._readableState.errored ??= error;
    if (sync) nextTick(writeFailed, stream, state, error, callback);
    else writeFailed(stream, state, error, callback);
    return;
  }
  if (state.buffered.length > 0) flush(stream, state);
  if (!sync) {
    afterWrites(stream, state, 1, callback);
  } else if (state.afterWrite?.callback === callback) {
    state.afterWrite.count += 1;
  } else {
    const group = { count: 1, callback };
    state.afterWrite = group;
    nextTick(() => {
      state.afterWrite = null;
      afterWrites(stream, state, group.count, callback);
    });
  }
}

function writeFailed(stream, state, error, callback) {
  state.pendingcb -= 1;
  callback(error);
  dropBuffered(state);
  fail(stream, error);
}

function afterWrites(stream, state, count, callback) {
  if (state.needDrain && !state.ending && !stream.destroyed && state.length === 0) {
    state.needDrain = false;
    stream.emit('drain');
  }
  for (let i = 0; i < count; i++) {
    state.pendingcb -= 1;
    callback(null);
  }
  if (state.destroyed) dropBuffered(state);
  finishMaybe(stream, state);
}

/** Tells everyone who waits that it comes to nothing. */
function dropBuffered(state) {
  if (state.writing) return;
  while (state.buffered.length > 0) {
    const { chunk, callback } = state.buffered.shift();
    state.length -= state.objectMode ? 1 : chunk.length;
    callback(state.errored ?? destroyedError('write'));
  }
  for (const callback of state.onFinish.splice(0)) callback(state.errored ?? destroyedError('end'));
}

/** Writes what has waited: all at once with `_writev`, otherwise until one write takes its time. */
function flush(stream, state) {
  if (state.corked > 0 || state.flushing || state.destroyed || !state.constructed || state.buffered.length === 0) return;
  state.flushing = true;
  if (state.buffered.length > 1 && stream._writev) {
    const chunks = [...state.buffered];
    state.buffered.clear();
    state.pendingcb -= chunks.length - 1;
    const callback = error => { for (const one of chunks) one.callback(error); };
    chunks.allBuffers = chunks.every(({ encoding }) => encoding === 'buffer');
    startWrite(stream, state, state.length, callback, () => stream._writev(chunks, state.onwrite));
  } else {
    while (state.buffered.length > 0 && !state.writing) {
      const { chunk, encoding, callback } = state.buffered.shift();
      const length = state.objectMode ? 1 : chunk.length;
      startWrite(stream, state, length, callback, () => stream._write(chunk, encoding, state.onwrite));
    }
  }
  state.flushing = false;
}

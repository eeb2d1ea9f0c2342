// `finished(stream, callback)`: called once when a stream is over, whichever way it ends.

import { invalidArgType } from '../errors.js';
import { abortError, prematureClose } from './errors.js';
import {
  isClosed, isNodeStream, isReadable, isReadableFinished, isReadableNodeStream, isWritable, isWritableFinished, isWritableNodeStream,
  readableError, willEmitClose, writableError,
} from './kinds.js';
import { nextTick } from './tick.js';

const STREAM_KINDS = ['ReadableStream', 'WritableStream', 'Stream'];

export function checkStream(stream) {
  if (!isNodeStream(stream)) throw invalidArgType('stream', STREAM_KINDS, stream);
}

/** An `AbortSignal` of whatever origin. */
export function checkSignal(signal, name) {
  const isSignal = signal !== null && typeof signal === 'object' && 'aborted' in signal;
  if (!isSignal) throw invalidArgType(name, 'AbortSignal', signal);
}

/** Returns a function that takes the listeners away again. */
export function finished(stream, givenOptions, givenCallback) {
  const hasOptions = typeof givenOptions !== 'function' || givenCallback !== undefined;
  const options = (hasOptions ? givenOptions : undefined) ?? {};
  const callback = hasOptions ? givenCallback : givenOptions;
  if (typeof options !== 'object') throw invalidArgType('options', 'object', options);
  if (typeof callback !== 'function') throw invalidArgType('callback', 'function', callback);
  if (options.signal !== undefined) checkSignal(options.signal, 'options.signal');
  checkStream(stream);
  return new Watch(stream, options, callback).release;
}

class Watch {
  #isDone = false;

  constructor(stream, options, callback) {
    this.stream = stream;
    this.callback = callback;
    this.wantsReadable = options.readable ?? isReadableNodeStream(stream);
    this.wantsWritable = options.writable ?? isWritableNodeStream(stream);
    this.awaitsClose = willEmitClose(stream) && isReadableNodeStream(stream) === this.wantsReadable
      && isWritableNodeStream(stream) === this.wantsWritable;
    this.isWritten = isWritableFinished(stream, false);
    this.isRead = isReadableFinished(stream, false);
    this.listen(options);
    this.settleIfOver();
    if (options.signal) this.obey(options.signal);
  }

  listen({ error: hearsErrors }) {
    const { stream } = this;
    const listeners = [
      ['end', () => this.onEnd()], ['finish', () => this.onFinish()],
      ...(hearsErrors === false ? [] : [['error', error => this.done(error)]]),
      ['close', () => this.onClose()],
    ];
    if (this.wantsWritable && !stream._writableState) {
      // An old stream: it has no 'finish' to tell.
      const onLegacyEnd = () => { if (!stream.writable) this.onFinish(); };
      listeners.push(['end', onLegacyEnd], ['close', onLegacyEnd]);
    }
    if (typeof stream.aborted === 'boolean') listeners.push(['aborted', () => this.onClose()]);
    for (const [name, listener] of listeners) stream.on(name, listener);
    this.release = () => {
      this.#isDone = true;
      for (const [name, listener] of listeners) stream.removeListener(name, listener);
    };
  }

  // Only the first outcome counts. The listeners stay: a late error must not become an unhandled one.
  done(...outcome) {
    if (this.#isDone) return;
    this.#isDone = true;
    this.onDone?.();
    this.callback.call(this.stream, ...outcome);
  }

  onFinish() {
    this.isWritten = true;
    if (this.stream.destroyed) this.awaitsClose = false;
    if (this.awaitsClose && (!this.stream.readable || this.wantsReadable)) return;
    if (!this.wantsReadable || this.isRead) this.done();
  }

  onEnd() {
    this.isRead = true;
    if (this.stream.destroyed) this.awaitsClose = false;
    if (this.awaitsClose && (!this.stream.writable || this.wantsWritable)) return;
    if (!this.wantsWritable || this.isWritten) this.done();
  }

  onClose() {
    const { stream } = this;
    const error = writableError(stream) ?? readableError(stream);
    if (error && typeof error !== 'boolean') {
      this.done(error);
      return;
    }
    const lacksEnd = this.wantsReadable && !this.isRead && isReadableNodeStream(stream, true) && !isReadableFinished(stream, false);
    const lacksFinish = this.wantsWritable && !this.isWritten && !isWritableFinished(stream, false);
    if (lacksEnd || lacksFinish) this.done(prematureClose());
    else this.done();
  }

  onClosed() {
    const error = writableError(this.stream) ?? readableError(this.stream);
    if (error && typeof error !== 'boolean') this.done(error);
    else this.done();
  }

  // A stream that was over before the call: its events have gone by.
  settleIfOver() {
    const { stream, awaitsClose } = this;
    const isWritten = this.isWritten || isWritable(stream) === false;
    const isRead = this.isRead || isReadable(stream) === false;
    if (isClosed(stream)) {
      nextTick(() => this.onClose());
    } else if (stream._writableState?.errorEmitted || stream._readableState?.errorEmitted) {
      if (!awaitsClose) nextTick(() => this.onClosed());
    } else if (!this.wantsReadable && (!awaitsClose || isReadable(stream)) && isWritten) {
      nextTick(() => this.onClosed());
    } else if (!this.wantsWritable && (!awaitsClose || isWritable(stream)) && isRead) {
      nextTick(() => this.onClosed());
    }
  }

  obey(signal) {
    const onAbort = () => {
      const wasDone = this.#isDone;
      this.release();
      if (!wasDone) this.callback.call(this.stream, abortError(signal.reason));
    };
    if (signal.aborted) {
      nextTick(onAbort);
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    this.onDone = () => signal.removeEventListener('abort', onAbort);
  }
}

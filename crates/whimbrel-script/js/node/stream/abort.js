// Streams that end when an `AbortSignal` says so.

import { invalidArgType } from '../errors.js';
import { abortError } from './errors.js';
import { checkSignal, checkStream, finished } from './finished.js';

export function addAbortSignal(signal, stream) {
  checkSignal(signal, 'signal');
  if (typeof stream !== 'object') throw invalidArgType('stream', ['ReadableStream', 'WritableStream', 'Stream'], stream);
  checkStream(stream);
  return addSignal(signal, stream);
}

/** The same for the `signal` option of a constructor: the stream need not be whole yet. */
export function addSignal(signal, stream) {
  if (signal === null || typeof signal !== 'object' || !('aborted' in signal)) return stream;
  const onAbort = () => stream.destroy(abortError(signal.reason));
  if (signal.aborted) {
    onAbort();
  } else {
    signal.addEventListener('abort', onAbort, { once: true });
    finished(stream, () => signal.removeEventListener('abort', onAbort));
  }
  return stream;
}

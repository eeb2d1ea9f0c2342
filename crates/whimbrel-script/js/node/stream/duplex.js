// `Duplex`: both sides in one object; they share nothing but their life.

import { invalidArgType } from '../errors.js';
import { addSignal } from './abort.js';
import { construct } from './lifecycle.js';
import { isIterable, isNodeStream, isReadableNodeStream, isWritableNodeStream } from './kinds.js';
import { join } from './join.js';
import { onConstructed as onReadableConstructed, Readable, startReadable } from './readable.js';
import {
  onConstructed as onWritableConstructed, startWritable, Writable, writableGetters, writableMethods, writableSetter,
} from './writable.js';

export function Duplex(options) {
  if (!(this instanceof Duplex)) return new Duplex(options);
  startDuplex(this, options);
}
Object.setPrototypeOf(Duplex.prototype, Readable.prototype);
Object.setPrototypeOf(Duplex, Readable);
Object.assign(Duplex.prototype, writableMethods);

export function startDuplex(stream, options) {
  startReadable(stream, options, true);
  startWritable(stream, options, true);
  stream.allowHalfOpen = options?.allowHalfOpen !== false;
  // A side that is switched off counts as over.
  if (options?.readable === false) Object.assign(stream._readableState, { readable: false, ended: true, endEmitted: true });
  if (options?.writable === false) {
    Object.assign(stream._writableState, { writable: false, ending: true, ended: true, finished: true });
  }
  if (options?.signal) addSignal(options.signal, stream);
  construct(stream, () => {
    onReadableConstructed(stream);
    onWritableConstructed(stream);
  });
}

for (const [name, get] of Object.entries(writableGetters)) {
  Object.defineProperty(Duplex.prototype, name, { get, set: name === 'writable' ? writableSetter : undefined, configurable: true });
}
Object.defineProperty(Duplex.prototype, 'destroyed', {
  get() { return Boolean(this._readableState?.destroyed && this._writableState?.destroyed); },
  set(value) {
    if (!this._readableState || !this._writableState) return;
    this._readableState.destroyed = value;
    this._writableState.destroyed = value;
  },
  configurable: true,
});

/** A duplex of a stream, of `{ readable, writable }`, of something to iterate, or of a promise. */
Duplex.from = function from(body) {
  if (isNodeStream(body)) {
    if (isReadableNodeStream(body) && isWritableNodeStream(body)) return body;
    return isReadableNodeStream(body) ? join(Duplex, body, null) : join(Duplex, null, body);
  }
  if (typeof body === 'object' && body !== null) {
    if (isIterable(body)) return Readable.from.call(Duplex, body, { objectMode: true, writable: false });
    if (body.readable || body.writable) return join(Duplex, body.readable ?? null, body.writable ?? null);
    if (typeof body.then === 'function') return Readable.from.call(Duplex, once(body), { objectMode: true, writable: false });
  }
  if (typeof body === 'string') return Readable.from.call(Duplex, [body], { objectMode: true, writable: false });
  throw invalidBody('body', body);
};

async function* once(promise) {
  const value = await promise;
  if (value !== null && value !== undefined) yield value;
}

export const invalidBody = (name, value) => invalidArgType(name, [
  'Blob', 'ReadableStream', 'WritableStream', 'Stream', 'Iterable', 'AsyncIterable', 'Function', '{ readable, writable } pair', 'Promise',
], value);

export { Writable };

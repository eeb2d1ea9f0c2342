// `stream`: readable, writable and duplex streams.
//
// The module is the old `Stream` constructor with everything else as its properties, as in Node.js. Each
// class has a file in `stream/`; here they are put together. No web streams, and no `compose`.

import { Buffer } from './buffer.js';
import { addAbortSignal } from './stream/abort.js';
import { Duplex } from './stream/duplex.js';
import { finished } from './stream/finished.js';
import { from } from './stream/from.js';
import { isDestroyed, isDisturbed, isErrored, isReadable, isWritable } from './stream/kinds.js';
import { Stream } from './stream/legacy.js';
import { destroyStream } from './stream/lifecycle.js';
import { promiseOperators, streamOperators } from './stream/operators.js';
import { getDefaultHighWaterMark, setDefaultHighWaterMark } from './stream/options.js';
import { pipeline } from './stream/pipeline.js';
import promises from './stream/promises.js';
import { Readable } from './stream/readable.js';
import { PassThrough, Transform } from './stream/transform.js';
import { Writable } from './stream/writable.js';

Readable.from = from;
Readable.wrap = (source, options) => new Readable({
  objectMode: source.readableObjectMode ?? source.objectMode ?? true,
  ...options,
  destroy(error, callback) {
    destroyStream(source, error);
    callback(error);
  },
}).wrap(source);

const method = value => ({ value, enumerable: false, configurable: true, writable: true });
for (const [name, operator] of Object.entries(streamOperators)) {
  const wrapped = { [name](...args) { return Readable.from(operator.apply(this, args)); } }[name];
  Object.defineProperty(Readable.prototype, name, method(wrapped));
}
for (const [name, operator] of Object.entries(promiseOperators)) Object.defineProperty(Readable.prototype, name, method(operator));

Object.assign(Stream, {
  isDestroyed, isDisturbed, isErrored, isReadable, isWritable, Readable, Writable, Duplex, Transform, PassThrough, pipeline,
  addAbortSignal, finished,
  destroy: destroyStream,
  setDefaultHighWaterMark, getDefaultHighWaterMark, promises, Stream,
  _isArrayBufferView: value => ArrayBuffer.isView(value),
  _isUint8Array: value => value instanceof Uint8Array,
  _uint8ArrayToBuffer: view => Buffer.from(view.buffer, view.byteOffset, view.byteLength),
});

export default Stream;

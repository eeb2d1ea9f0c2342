// What a readable side remembers: what waits to be read, and how far it has come.

import decoders from '../string_decoder.js';
import { highWaterMark, isObjectMode } from './options.js';
import { Pieces } from './pieces.js';

export class ReadableState {
  buffer = new Pieces();
  length = 0;
  pipes = [];
  // null: nobody listens yet; then true or false.
  flowing = null;
  paused = null;
  ended = false;
  endEmitted = false;
  reading = false;
  constructed = true;
  // Whether `_read` is on the stack: what it pushes may not be emitted at once.
  sync = true;
  needReadable = false;
  emittedReadable = false;
  readableListening = false;
  resumeScheduled = false;
  readingMore = false;
  dataEmitted = false;
  errorEmitted = false;
  destroyed = false;
  errored = null;
  closed = false;
  closeEmitted = false;
  // Destinations of `pipe` that asked to wait.
  awaitDrain = new Set();
  decoder = null;
  encoding = null;

  constructor(options, isDuplex) {
    this.objectMode = isObjectMode(options, 'readableObjectMode', isDuplex);
    this.highWaterMark = highWaterMark(this.objectMode, options, 'readableHighWaterMark', isDuplex);
    this.emitClose = options?.emitClose !== false;
    this.autoDestroy = options?.autoDestroy !== false;
    this.defaultEncoding = options?.defaultEncoding || 'utf8';
    if (options?.encoding) this.decodeAs(options.encoding);
  }

  decodeAs(encoding) {
    this.decoder = new decoders.StringDecoder(encoding);
    this.encoding = this.decoder.encoding;
  }

  sizeOf(piece) { return this.objectMode ? 1 : piece.length; }

  /** How much `read(wanted)` may give now; NaN asks for what is there. */
  available(wanted) {
    if (wanted <= 0 || (this.length === 0 && this.ended)) return 0;
    if (this.objectMode) return 1;
    if (Number.isNaN(wanted)) return this.flowing && this.length > 0 ? this.buffer.first().length : this.length;
    if (wanted <= this.length) return wanted;
    return this.ended ? this.length : 0;
  }

  take(count) {
    if (this.length === 0) return null;
    if (this.objectMode) return this.buffer.shift();
    return count >= this.length ? this.buffer.takeAll() : this.buffer.take(count);
  }
}

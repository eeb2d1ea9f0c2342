// What a writable side remembers: the write under way, those that wait, and how far the end has come.

import { Buffer } from '../buffer.js';
import { unknownEncoding } from './errors.js';
import { highWaterMark, isObjectMode } from './options.js';
import { Pieces } from './pieces.js';

export class WritableState {
  length = 0;
  needDrain = false;
  ending = false;
  ended = false;
  finished = false;
  finalCalled = false;
  prefinished = false;
  writing = false;
  corked = 0;
  // Whether `_write` is on the stack: its callback then waits for a tick.
  sync = true;
  flushing = false;
  // Of the write under way.
  writecb = null;
  writelen = 0;
  // Successful writes whose callbacks wait for the same tick.
  afterWrite = null;
  buffered = new Pieces();
  pendingcb = 0;
  onFinish = [];
  constructed = true;
  destroyed = false;
  errored = null;
  errorEmitted = false;
  closed = false;
  closeEmitted = false;

  /** `onwrite` is the callback of every `_write`. */
  constructor(options, isDuplex, onwrite) {
    this.objectMode = isObjectMode(options, 'writableObjectMode', isDuplex);
    this.highWaterMark = highWaterMark(this.objectMode, options, 'writableHighWaterMark', isDuplex);
    this.decodeStrings = options?.decodeStrings !== false;
    this.defaultEncoding = checkedEncoding(options?.defaultEncoding || 'utf8');
    this.emitClose = options?.emitClose !== false;
    this.autoDestroy = options?.autoDestroy !== false;
    this.onwrite = onwrite;
  }

  getBuffer() { return [...this.buffered]; }
  get bufferedRequestCount() { return this.buffered.length; }
}

export function checkedEncoding(encoding) {
  if (!Buffer.isEncoding(encoding)) throw unknownEncoding(encoding);
  return encoding;
}

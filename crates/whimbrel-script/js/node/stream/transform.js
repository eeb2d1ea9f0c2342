// `Transform` and `PassThrough`: what is written comes out changed.

import { Duplex, startDuplex } from './duplex.js';
import { notImplemented } from './errors.js';
import { highWaterMark, isObjectMode } from './options.js';
import { nextTick } from './tick.js';

// The callback of a write that waits until somebody reads.
const held = Symbol('held');

export function Transform(options) {
  if (!(this instanceof Transform)) return new Transform(options);
  let settings = options;
  // No room at all on the readable side: then the writable side has to be asked for by name.
  if (options && highWaterMark(isObjectMode(options, 'readableObjectMode', true), options, 'readableHighWaterMark', true) === 0) {
    settings = { ...options, highWaterMark: null, readableHighWaterMark: 0, writableHighWaterMark: options.writableHighWaterMark || 0 };
  }
  startDuplex(this, settings);
  this._readableState.sync = false;
  Object.defineProperty(this, held, { value: null, writable: true });
  if (options) {
    if (typeof options.transform === 'function') this._transform = options.transform;
    if (typeof options.flush === 'function') this._flush = options.flush;
  }
  this.on('prefinish', onPrefinish);
}
Object.setPrototypeOf(Transform.prototype, Duplex.prototype);
Object.setPrototypeOf(Transform, Duplex);

function final(callback) {
  if (typeof this._flush !== 'function' || this.destroyed) {
    this.push(null);
    callback?.();
    return;
  }
  this._flush((error, data) => {
    if (error) {
      if (callback) callback(error);
      else this.destroy(error);
      return;
    }
    if (data !== null && data !== undefined) this.push(data);
    this.push(null);
    callback?.();
  });
}

// A subclass with a `_final` of its own still gets its `_flush`.
function onPrefinish() {
  if (this._final !== final) final.call(this);
}

Object.assign(Transform.prototype, {
  _final: final,

  _transform() { throw notImplemented('_transform()'); },

  _write(chunk, encoding, callback) {
    const readable = this._readableState;
    const writable = this._writableState;
    const before = readable.length;
    this._transform(chunk, encoding, (error, data) => {
      if (error) {
        callback(error);
        return;
      }
      if (data !== null && data !== undefined) this.push(data);
      if (readable.ended) {
        // Nothing can come out any more: the readable side ends first.
        nextTick(callback);
        return;
      }
      if (writable.ended || before === readable.length || readable.length < readable.highWaterMark) callback();
      else this[held] = callback;
    });
  },

  _read() {
    const callback = this[held];
    if (!callback) return;
    this[held] = null;
    callback();
  },
});

export function PassThrough(options) {
  if (!(this instanceof PassThrough)) return new PassThrough(options);
  Transform.call(this, options);
}
Object.setPrototypeOf(PassThrough.prototype, Transform.prototype);
Object.setPrototypeOf(PassThrough, Transform);
PassThrough.prototype._transform = function _transform(chunk, encoding, callback) {
  callback(null, chunk);
};

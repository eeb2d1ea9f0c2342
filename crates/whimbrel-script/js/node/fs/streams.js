// `createReadStream` and `createWriteStream`.

import { invalidArgType, outOfRange } from '../errors.js';
import { Buffer } from '../buffer.js';
import Stream from '../stream.js';
import { checkInteger, optionsOf, pathOf } from './arguments.js';
import { closeSync, openSync, readSync, writeSync, writevSync } from './descriptors.js';
import { later } from './later.js';

const { Readable, Writable, finished } = Stream;
const PIECE = 64 * 1024;

// A handle of `fs.promises.open` brings its own descriptor, and closes with the stream.
function prepare(stream, path, options) {
  const { fd } = options;
  const isHandle = fd !== null && typeof fd === 'object' && typeof fd?.fd === 'number';
  if (fd === undefined || fd === null) stream.path = typeof path === 'string' || path instanceof Uint8Array ? path : pathOf(path);
  else if (!isHandle && typeof fd !== 'number') throw invalidArgType('fd', ['number', 'FileHandle'], fd);
  if (stream.path !== undefined) pathOf(path);
  stream.fd = isHandle ? fd.fd : fd ?? null;
  stream.flags = options.flags ?? stream.flags;
  stream.mode = options.mode ?? 0o666;
  Object.defineProperty(stream, handle, { value: isHandle ? fd : null });
}

const handle = Symbol('handle');

function open(stream, callback) {
  if (typeof stream.fd === 'number') {
    callback();
    return;
  }
  let failure = null;
  try {
    stream.fd = openSync(stream.path, stream.flags, stream.mode);
  } catch (error) {
    failure = error;
  }
  later(() => {
    callback(failure);
    if (failure) return;
    stream.emit('open', stream.fd);
    stream.emit('ready');
  });
}

function close(stream, error, callback) {
  const { fd } = stream;
  if (typeof fd !== 'number' || (!stream.autoClose && !error)) {
    callback(error);
    return;
  }
  stream.fd = null;
  let failure = error;
  try {
    if (stream[handle]) stream[handle].close();
    else closeSync(fd);
  } catch (thrown) {
    failure ??= thrown;
  }
  later(callback, failure);
}

const commonGetters = {
  pending: { get() { return this.fd === null; }, configurable: true },
  autoClose: {
    get() { return (this._readableState ?? this._writableState).autoDestroy; },
    set(value) { (this._readableState ?? this._writableState).autoDestroy = value; },
    configurable: true,
  },
};

function closeMethod(callback) {
  if (callback) finished(this, error => callback(error?.code === 'ERR_STREAM_PREMATURE_CLOSE' ? undefined : error));
  if (this._writableState && !this.autoClose) this.on('finish', this.destroy);
  if (this._writableState) this.end();
  else this.destroy();
}

export function ReadStream(path, given) {
  if (!(this instanceof ReadStream)) return new ReadStream(path, given);
  const options = optionsOf(given);
  this.flags = 'r';
  prepare(this, path, options);
  this.start = options.start;
  this.end = options.end ?? Infinity;
  this.pos = undefined;
  this.bytesRead = 0;
  if (this.start !== undefined) this.pos = checkInteger(this.start, 'start');
  if (this.end !== Infinity) {
    checkInteger(this.end, 'end');
    if (this.start > this.end) throw outOfRange('start', `<= "end" (here: ${this.end})`, this.start);
  }
  Readable.call(this, {
    ...options,
    highWaterMark: options.highWaterMark ?? PIECE,
    autoDestroy: options.autoClose ?? true,
    encoding: undefined,
    objectMode: false,
  });
  if (options.encoding) this.setEncoding(options.encoding);
}
Object.setPrototypeOf(ReadStream.prototype, Readable.prototype);
Object.setPrototypeOf(ReadStream, Readable);
Object.defineProperties(ReadStream.prototype, commonGetters);

Object.assign(ReadStream.prototype, {
  close: closeMethod,
  _construct(callback) { open(this, callback); },

  _read(size) {
    const left = this.pos === undefined ? this.end - this.bytesRead + 1 : this.end - this.pos + 1;
    const wanted = Math.min(left, size);
    if (wanted <= 0) {
      this.push(null);
      return;
    }
    const buffer = Buffer.allocUnsafeSlow(wanted);
    let count;
    try {
      count = readSync(this.fd, buffer, 0, wanted, this.pos ?? null);
    } catch (error) {
      later(() => this.destroy(error));
      return;
    }
    if (this.pos !== undefined) this.pos += count;
    later(() => {
      if (this.destroyed) return;
      this.bytesRead += count;
      this.push(count > 0 ? buffer.subarray(0, count) : null);
    });
  },

  _destroy(error, callback) { close(this, error, callback); },
});

export function WriteStream(path, given) {
  if (!(this instanceof WriteStream)) return new WriteStream(path, given);
  const options = optionsOf(given);
  this.flags = 'w';
  prepare(this, path, options);
  this.start = options.start;
  this.pos = undefined;
  this.bytesWritten = 0;
  if (this.start !== undefined) this.pos = checkInteger(this.start, 'start');
  Writable.call(this, { ...options, decodeStrings: true, autoDestroy: options.autoClose ?? true, objectMode: false });
  if (options.encoding) this.setDefaultEncoding(options.encoding);
}
Object.setPrototypeOf(WriteStream.prototype, Writable.prototype);
Object.setPrototypeOf(WriteStream, Writable);
Object.defineProperties(WriteStream.prototype, commonGetters);

function write(stream, bytes, act, callback) {
  let failure = null;
  try {
    act(stream.fd, stream.pos ?? null);
    if (stream.pos !== undefined) stream.pos += bytes;
  } catch (error) {
    failure = error;
  }
  later(() => {
    if (failure) {
      if (stream.autoClose) stream.destroy();
      callback(failure);
      return;
    }
    stream.bytesWritten += bytes;
    callback();
  });
}

Object.assign(WriteStream.prototype, {
  close: closeMethod,
  destroySoon: Writable.prototype.end,
  _construct(callback) { open(this, callback); },

  _write(chunk, encoding, callback) {
    write(this, chunk.length, (fd, position) => writeSync(fd, chunk, 0, chunk.length, position), callback);
  },

  _writev(pieces, callback) {
    const chunks = pieces.map(({ chunk }) => chunk);
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    write(this, bytes, (fd, position) => writevSync(fd, chunks, position), callback);
  },

  _destroy(error, callback) { close(this, error, callback); },
});

export const createReadStream = (path, options) => new ReadStream(path, options);
export const createWriteStream = (path, options) => new WriteStream(path, options);

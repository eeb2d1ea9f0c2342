// `FileHandle`: what `fs.promises.open` answers.

import { Buffer } from '../buffer.js';
import EventEmitter from '../events.js';
import { invalidArgType } from '../errors.js';
import { createInterface } from '../readline/lines.js';
import { bytesOf, encoded, optionsOf } from './arguments.js';
import * as descriptors from './descriptors.js';
import { told } from './later.js';
import { createReadStream, createWriteStream } from './streams.js';

const PIECE = 16 * 1024;

// Errors of the class are made by hand: this one is worded by Node.js itself, not by the system.
function closed(syscall) {
  return Object.assign(new Error('file closed'), { code: 'EBADF', syscall });
}

class FileHandle extends EventEmitter {
  #fd;

  constructor(fd) {
    super();
    this.#fd = fd;
  }

  get fd() { return this.#fd; }

  #run(syscall, work) {
    return told(() => {
      if (this.#fd === -1) throw closed(syscall);
      return work(this.#fd);
    });
  }

  async read(given, ...rest) {
    const isBuffer = ArrayBuffer.isView(given);
    if (!isBuffer && given !== undefined && (given === null || typeof given !== 'object')) {
      throw invalidArgType('options', 'object', given);
    }
    const buffer = isBuffer ? given : given?.buffer ?? Buffer.alloc(PIECE);
    const args = isBuffer ? rest : [{ ...given, buffer: undefined }];
    return this.#run('read', fd => ({ bytesRead: descriptors.readSync(fd, buffer, ...args), buffer }));
  }

  readv(buffers, position) {
    return this.#run('readv', fd => ({ bytesRead: descriptors.readvSync(fd, buffers, position), buffers }));
  }

  write(buffer, ...rest) {
    return this.#run('write', fd => ({ bytesWritten: descriptors.writeSync(fd, buffer, ...rest), buffer }));
  }

  writev(buffers, position) {
    return this.#run('writev', fd => ({ bytesWritten: descriptors.writevSync(fd, buffers, position), buffers }));
  }

  readFile(options) {
    return this.#run('readFile', fd => encoded(descriptors.readRest(fd), optionsOf(options).encoding));
  }

  async writeFile(data, options) {
    const { encoding } = optionsOf(options, { encoding: 'utf8' });
    const bytes = await collected(data, encoding);
    return this.#run('writeFile', fd => { descriptors.writeSync(fd, bytes, 0, bytes.length, null); });
  }

  appendFile(data, options) { return this.writeFile(data, options); }
  stat(options) { return this.#run('fstat', fd => descriptors.fstatSync(fd, options)); }
  truncate(length = 0) { return this.#run('ftruncate', fd => descriptors.ftruncateSync(fd, length)); }
  chmod(mode) { return this.#run('fchmod', fd => descriptors.fchmodSync(fd, mode)); }
  utimes(accessed, modified) { return this.#run('futime', fd => descriptors.futimesSync(fd, accessed, modified)); }
  sync() { return this.#run('fsync', fd => descriptors.fsyncSync(fd)); }
  datasync() { return this.#run('fdatasync', fd => descriptors.fdatasyncSync(fd)); }

  createReadStream(options) { return createReadStream('', { ...optionsOf(options), fd: this }); }
  createWriteStream(options) { return createWriteStream('', { ...optionsOf(options), fd: this }); }
  readLines(options) { return createInterface({ input: this.createReadStream(options), crlfDelay: Infinity }); }

  /** Closing twice is no error. */
  close() {
    const fd = this.#fd;
    if (fd === -1) return Promise.resolve();
    this.#fd = -1;
    return told(() => {
      descriptors.closeSync(fd);
      this.emit('close');
    });
  }
}

/** The bytes of text, of a view, or of whatever gives them piece by piece. */
export async function collected(data, encoding) {
  const isPieces = data !== null && typeof data === 'object' && !ArrayBuffer.isView(data)
    && (typeof data[Symbol.asyncIterator] === 'function' || typeof data[Symbol.iterator] === 'function');
  if (!isPieces) return bytesOf(data, encoding);
  const pieces = [];
  for await (const piece of data) pieces.push(bytesOf(piece, encoding));
  return Buffer.concat(pieces);
}

export function openHandle(path, flags, mode) {
  return told(() => new FileHandle(descriptors.openSync(path, flags, mode)));
}

export { FileHandle };

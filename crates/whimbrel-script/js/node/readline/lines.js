// Lines of a stream: `readline.createInterface({ input })` as far as it needs no terminal.

import EventEmitter from '../events.js';
import { invalidArgType, nodeError } from '../errors.js';
import decoders from '../string_decoder.js';

const LINE_END = /\r\n|\n|\r/;
const LEAST_DELAY = 100;

const closed = () => nodeError(Error, 'ERR_USE_AFTER_CLOSE', 'readline was closed');

export function refuseQuestion() {
  const instead = 'a migration runs without anybody to answer; read what it needs from process.env or a file';
  throw nodeError(Error, 'ERR_NOT_OFFERED', `readline.question is not offered in a migration: ${instead}`);
}

export class Interface extends EventEmitter {
  closed = false;
  paused = false;
  terminal = false;
  line = '';
  #decoder = new decoders.StringDecoder('utf8');
  #rest = '';
  // When a piece ended with "\r": a "\n" that follows soon belongs to it.
  #returnAt = 0;
  #prompt;
  #release;

  constructor(input, output) {
    super();
    const options = typeof input?.on !== 'function' && input?.input ? input : { input, output };
    if (typeof options.input?.on !== 'function') throw invalidArgType('input', 'Stream', options.input);
    this.input = options.input;
    this.output = options.output;
    this.crlfDelay = Math.max(LEAST_DELAY, options.crlfDelay ?? LEAST_DELAY);
    this.#prompt = options.prompt ?? '> ';
    const onData = piece => this.#take(this.#decoder.write(piece));
    const onEnd = () => {
      this.#take(this.#decoder.end());
      if (this.#rest !== '') this.#tell(this.#rest);
      this.#rest = '';
      this.close();
    };
    const onError = error => this.emit('error', error);
    this.input.on('error', onError);
    this.input.on('data', onData);
    this.input.on('end', onEnd);
    this.#release = () => {
      this.input.removeListener('data', onData);
      this.input.removeListener('end', onEnd);
    };
    if (options.signal) this.#obey(options.signal);
    this.input.resume();
  }

  #obey(signal) {
    if (signal.aborted) {
      queueMicrotask(() => this.close());
      return;
    }
    const onAbort = () => this.close();
    signal.addEventListener('abort', onAbort, { once: true });
    this.once('close', () => signal.removeEventListener('abort', onAbort));
  }

  #take(given) {
    let text = given;
    if (text === '') return;
    if (this.#returnAt !== 0 && Date.now() - this.#returnAt <= this.crlfDelay) text = text.replace(/^\n/, '');
    this.#returnAt = text.endsWith('\r') ? Date.now() : 0;
    const lines = (this.#rest + text).split(LINE_END);
    this.#rest = lines.pop();
    for (const line of lines) this.#tell(line);
  }

  #tell(line) {
    this.emit('line', line);
  }

  getPrompt() { return this.#prompt; }
  setPrompt(prompt) { this.#prompt = String(prompt); }

  prompt() {
    if (this.closed) throw closed();
    if (this.paused) this.resume();
    this.output?.write?.(this.#prompt);
  }

  question() { return refuseQuestion(); }

  /** Writes to the input side, as if it had been read. */
  write(text) {
    if (this.closed) throw closed();
    if (this.paused) this.resume();
    if (text !== null && text !== undefined) this.#take(String(text));
  }

  pause() {
    if (this.paused) return this;
    this.input.pause();
    this.paused = true;
    this.emit('pause');
    return this;
  }

  resume() {
    if (!this.paused) return this;
    this.input.resume();
    this.paused = false;
    this.emit('resume');
    return this;
  }

  close() {
    if (this.closed) return;
    this.pause();
    this.#release();
    this.closed = true;
    this.emit('close');
  }

  async *[Symbol.asyncIterator]() {
    const lines = [];
    let failure = null;
    let isOver = this.closed;
    let wake = () => {};
    const listeners = {
      line: line => {
        lines.push(line);
        if (lines.length > 1024) this.pause();
        wake();
      },
      close: () => {
        isOver = true;
        wake();
      },
      error: error => {
        failure = error;
        wake();
      },
    };
    for (const [name, listener] of Object.entries(listeners)) this.on(name, listener);
    try {
      while (true) {
        while (lines.length > 0) {
          yield lines.shift();
          if (lines.length === 0 && this.paused && !this.closed) this.resume();
        }
        if (failure !== null) throw failure;
        if (isOver) return;
        await new Promise(resolve => { wake = resolve; });
      }
    } finally {
      for (const [name, listener] of Object.entries(listeners)) this.off(name, listener);
      this.close();
    }
  }
}

export const createInterface = (input, output) => new Interface(input, output);

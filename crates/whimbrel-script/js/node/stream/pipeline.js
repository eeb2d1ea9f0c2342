// `pipeline(source, …, destination, callback)`: connects streams, functions and iterables, and ends them together.

import { AbortController } from '../events/abort.js';
import { invalidArgType } from '../errors.js';
import { Duplex, invalidBody } from './duplex.js';
import { abortError, bothErrors, destroyed, invalidReturn, missingArgs, prematureClose } from './errors.js';
import { checkSignal, finished } from './finished.js';
import { isIterable, isNodeStream, isReadable, isReadableFinished, isReadableNodeStream } from './kinds.js';
import { destroyStream } from './lifecycle.js';
import { Readable } from './readable.js';
import { nextTick } from './tick.js';
import { PassThrough } from './transform.js';

export function pipeline(...args) {
  const callback = args.pop();
  if (typeof callback !== 'function') throw invalidArgType('streams[stream.length - 1]', 'function', callback);
  return run(args, callback);
}

/** `options`: `signal`, and `end: false` to leave the destination open. */
export function run(given, callback, options) {
  const streams = given.length === 1 && Array.isArray(given[0]) ? given[0] : given;
  if (streams.length < 2) throw missingArgs('streams');
  if (options?.signal !== undefined) checkSignal(options.signal, 'options.signal');
  return new Pipeline(callback, options).connect(streams);
}

class Pipeline {
  #abort = new AbortController();
  #error;
  #value;
  #isOver = false;
  // Parts that still have to say they are done.
  #open = 0;
  #destroys = [];
  // Listeners on a last stream that can still be read when all is over.
  #releases = [];

  constructor(callback, options) {
    this.callback = callback;
    this.signal = options?.signal;
    this.endsLast = options?.end !== false;
    this.onAbort = () => this.#settle(abortError(this.signal.reason), false);
    if (this.signal?.aborted) queueMicrotask(this.onAbort);
    else this.signal?.addEventListener('abort', this.onAbort, { once: true });
  }

  connect(streams) {
    let current;
    for (const [index, stream] of streams.entries()) {
      const isLast = index === streams.length - 1;
      const ends = !isLast || this.endsLast;
      if (isNodeStream(stream)) this.#watch(stream, index, isLast, ends);
      if (index === 0) current = this.#source(stream);
      else if (typeof stream === 'function') current = this.#call(stream, current, index, isLast, ends);
      else if (isNodeStream(stream)) current = this.#attach(current, stream, isLast, ends);
      else current = Duplex.from(stream);
    }
    return current;
  }

  #watch(stream, index, isLast, ends) {
    const staysReadable = isReadable(stream) && isLast;
    if (ends) this.#destroyAtEnd(stream, !isLast, index > 0, staysReadable);
    const onError = error => {
      if (error && error.name !== 'AbortError' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') this.#done(error);
    };
    stream.on('error', onError);
    if (staysReadable) this.#releases.push(() => stream.removeListener('error', onError));
  }

  #destroyAtEnd(stream, readable, writable, isLast) {
    let isFinished = false;
    stream.on('close', () => { isFinished = true; });
    const release = finished(stream, { readable, writable }, error => { isFinished = !error; });
    this.#destroys.push(error => {
      if (isFinished) return;
      isFinished = true;
      destroyStream(stream, error || destroyed('pipe'));
    });
    if (isLast) this.#releases.push(release);
  }

  #source(source) {
    if (typeof source === 'function') {
      const made = source({ signal: this.#abort.signal });
      if (!isIterable(made)) throw invalidReturn('Iterable, AsyncIterable or Stream', 'source', made);
      return made;
    }
    return isIterable(source) || isReadableNodeStream(source) ? source : Duplex.from(source);
  }

  // A function between streams gives an iterable; one at the end may also give a promise.
  #call(fn, current, index, isLast, ends) {
    const made = fn(iterableOf(current), { signal: this.#abort.signal });
    if (!isLast) {
      if (!isIterable(made, true)) throw invalidReturn('AsyncIterable', `transform[${index - 1}]`, made);
      return made;
    }
    const outlet = new PassThrough({ objectMode: true });
    if (typeof made?.then === 'function') {
      this.#open += 1;
      made.then(value => {
        this.#value = value;
        if (value !== null && value !== undefined) outlet.write(value);
        if (ends) outlet.end();
        nextTick(() => this.#done());
      }, error => {
        outlet.destroy(error);
        nextTick(() => this.#done(error));
      });
    } else if (isIterable(made, true)) {
      this.#open += 1;
      this.#pump(made, outlet, ends);
    } else {
      throw invalidReturn('AsyncIterable or Promise', 'destination', made);
    }
    this.#destroyAtEnd(outlet, false, true, true);
    return outlet;
  }

  #attach(current, target, isLast, ends) {
    if (isReadableNodeStream(current)) {
      this.#open += 2;
      const release = this.#pipe(current, target, ends);
      if (isReadable(target) && isLast) this.#releases.push(release);
    } else if (isIterable(current)) {
      this.#open += 1;
      this.#pump(current, target, ends);
    } else {
      throw invalidBody('val', current);
    }
    return target;
  }

  #pipe(source, target, ends) {
    let hasEnded = false;
    target.on('close', () => {
      if (!hasEnded) this.#done(prematureClose());
    });
    source.pipe(target, { end: false });
    if (ends) {
      const endTarget = () => {
        hasEnded = true;
        target.end();
      };
      if (isReadableFinished(source)) nextTick(endTarget);
      else source.once('end', endTarget);
    } else {
      this.#done();
    }
    finished(source, { readable: true, writable: false }, error => {
      const state = source._readableState;
      const onlyClosed = error?.code === 'ERR_STREAM_PREMATURE_CLOSE' && state?.ended && !state.errored && !state.errorEmitted;
      // All was read, and 'end' is still to come.
      if (onlyClosed) source.once('end', () => this.#done()).once('error', failure => this.#done(failure));
      else this.#done(error);
    });
    return finished(target, { readable: false, writable: true }, error => this.#done(error));
  }

  async #pump(iterable, target, ends) {
    let failure;
    let wake = null;
    const onTurn = error => {
      if (error) failure = error;
      wake?.();
      wake = null;
    };
    const turn = async () => {
      if (!failure) await new Promise(resolve => { wake = resolve; });
      if (failure) throw failure;
    };
    const onDrain = () => onTurn();
    target.on('drain', onDrain);
    const release = finished(target, { readable: false }, onTurn);
    try {
      if (target.writableNeedDrain) await turn();
      for await (const piece of iterable) {
        if (!target.write(piece)) await turn();
      }
      if (ends) {
        target.end();
        await turn();
      }
      this.#done();
    } catch (error) {
      this.#done(failure !== error ? bothErrors(failure, error) : error);
    } finally {
      release();
      target.off('drain', onDrain);
    }
  }

  #done(error) {
    this.#open -= 1;
    this.#settle(error, this.#open === 0);
  }

  #settle(error, isFinal) {
    if (error && (!this.#error || this.#error.code === 'ERR_STREAM_PREMATURE_CLOSE')) this.#error = error;
    if (!this.#error && !isFinal) return;
    for (const end of this.#destroys.splice(0)) end(this.#error);
    this.signal?.removeEventListener('abort', this.onAbort);
    this.#abort.abort();
    if (!isFinal || this.#isOver) return;
    this.#isOver = true;
    if (!this.#error) for (const release of this.#releases) release();
    nextTick(this.callback, this.#error, this.#value);
  }
}

const iterableOf = value => (isIterable(value) ? value : readAll(value));

async function* readAll(stream) {
  yield* Readable.prototype[Symbol.asyncIterator].call(stream);
}

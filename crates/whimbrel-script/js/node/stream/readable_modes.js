// The modes of a readable stream: paused until somebody listens to 'data', pipes or resumes.
//
// A listener of 'readable' wins over 'data': it reads by itself, and nothing flows.

import { destroy, fail } from './lifecycle.js';
import { announce } from './readable.js';
import { nextTick } from './tick.js';

export function flow(stream) {
  const state = stream._readableState;
  while (state.flowing && stream.read() !== null);
}

export function resume() {
  const state = this._readableState;
  if (!state.flowing) {
    // A listener of 'readable' reads by itself.
    state.flowing = !state.readableListening;
    if (!state.resumeScheduled) {
      state.resumeScheduled = true;
      nextTick(startFlowing, this, state);
    }
  }
  state.paused = false;
  return this;
}

function startFlowing(stream, state) {
  if (!state.reading) stream.read(0);
  state.resumeScheduled = false;
  stream.emit('resume');
  flow(stream);
  if (state.flowing && !state.reading) stream.read(0);
}

export function pause() {
  const state = this._readableState;
  if (state.flowing !== false) {
    state.flowing = false;
    this.emit('pause');
  }
  state.paused = true;
  return this;
}

export function onDataListener(stream) {
  const state = stream._readableState;
  state.readableListening = stream.listenerCount('readable') > 0;
  if (state.flowing !== false) stream.resume();
}

export function onReadableListener(stream) {
  const state = stream._readableState;
  if (state.endEmitted || state.readableListening) return;
  state.readableListening = true;
  state.needReadable = true;
  state.flowing = false;
  state.emittedReadable = false;
  if (state.length > 0) announce(stream);
  else if (!state.reading) nextTick(() => stream.read(0));
}

export function afterReadableListener(stream) {
  const state = stream._readableState;
  state.readableListening = stream.listenerCount('readable') > 0;
  if (state.resumeScheduled && state.paused === false) state.flowing = true;
  else if (stream.listenerCount('data') > 0) stream.resume();
  else if (!state.readableListening) state.flowing = null;
}

export function setEncoding(encoding) {
  const state = this._readableState;
  state.decodeAs(encoding);
  // What was read before is text from now on, too.
  let text = '';
  for (const piece of state.buffer) text += state.decoder.write(piece);
  state.buffer.clear();
  if (text !== '') state.buffer.push(text);
  state.length = text.length;
  return this;
}

/** Makes this stream read from an old one that only emits 'data' and 'end'. */
export function wrap(old) {
  let isPaused = false;
  old.on('data', chunk => {
    if (!this.push(chunk) && old.pause) {
      isPaused = true;
      old.pause();
    }
  });
  old.on('end', () => this.push(null));
  old.on('error', error => fail(this, error));
  old.on('close', () => destroy.call(this));
  old.on('destroy', () => destroy.call(this));
  this._read = () => {
    if (isPaused && old.resume) {
      isPaused = false;
      old.resume();
    }
  };
  for (const name of Object.keys(old)) {
    if (this[name] === undefined && typeof old[name] === 'function') this[name] = old[name].bind(old);
  }
  return this;
}

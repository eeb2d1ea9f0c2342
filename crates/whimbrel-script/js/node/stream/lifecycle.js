// How a stream begins and ends: `_construct`, `destroy`, and what becomes of an error.
//
// A duplex has two states and one life: whatever is marked here is marked on both. 'error' and 'close' are
// emitted once, in a later tick, error first.

import { abortError, bothErrors, multipleCallback } from './errors.js';
import { isDestroyed, isFinished } from './kinds.js';
import { nextTick } from './tick.js';

const constructed = Symbol('constructed');
const destroyAsked = Symbol('destroyAsked');

const statesOf = stream => [stream._writableState, stream._readableState].filter(Boolean);

function mark(stream, changes) {
  for (const state of statesOf(stream)) Object.assign(state, changes);
}

function markErrored(stream, error) {
  if (!error) return;
  for (const state of statesOf(stream)) state.errored ??= error;
}

/** `stream.destroy(error, callback)`. */
export function destroy(error, callback) {
  const states = statesOf(this);
  if (states.some(state => state.destroyed)) {
    if (typeof callback === 'function') callback();
    return this;
  }
  markErrored(this, error);
  mark(this, { destroyed: true });
  if (states.length > 0 && !states[0].constructed) {
    this.once(destroyAsked, constructError => runDestroy(this, bothErrors(constructError, error), callback));
  } else {
    runDestroy(this, error, callback);
  }
  return this;
}

function runDestroy(stream, error, callback) {
  let isOver = false;
  const onDestroyed = failure => {
    if (isOver) return;
    isOver = true;
    markErrored(stream, failure);
    mark(stream, { closed: true });
    if (typeof callback === 'function') callback(failure);
    nextTick(() => {
      if (failure) emitError(stream, failure);
      emitClose(stream);
    });
  };
  try {
    stream._destroy(error || null, onDestroyed);
  } catch (thrown) {
    onDestroyed(thrown);
  }
}

function emitError(stream, error) {
  if (statesOf(stream).some(state => state.errorEmitted)) return;
  mark(stream, { errorEmitted: true });
  stream.emit('error', error);
}

function emitClose(stream) {
  mark(stream, { closeEmitted: true });
  if (statesOf(stream).some(state => state.emitClose)) stream.emit('close');
}

/** An error met while working: the end of a stream that destroys itself, just an event otherwise. */
export function fail(stream, error, later = false) {
  const states = statesOf(stream);
  if (states.some(state => state.destroyed)) return;
  if (states.some(state => state.autoDestroy)) {
    stream.destroy(error);
  } else if (error) {
    markErrored(stream, error);
    if (later) nextTick(emitError, stream, error);
    else emitError(stream, error);
  }
}

/** Runs `_construct`, if there is one; nothing is read or written before `callback`. */
export function construct(stream, callback) {
  if (typeof stream._construct !== 'function') return;
  mark(stream, { constructed: false });
  stream.once(constructed, callback);
  // The second side of a duplex only waits.
  if (stream.listenerCount(constructed) > 1) return;
  nextTick(runConstruct, stream);
}

function runConstruct(stream) {
  let isOver = false;
  const onConstructed = error => {
    if (isOver) {
      fail(stream, error ?? multipleCallback());
      return;
    }
    isOver = true;
    mark(stream, { constructed: true });
    if (statesOf(stream)[0].destroyed) stream.emit(destroyAsked, error);
    else if (error) fail(stream, error, true);
    else nextTick(() => stream.emit(constructed));
  };
  try {
    stream._construct(error => nextTick(onConstructed, error));
  } catch (thrown) {
    nextTick(onConstructed, thrown);
  }
}

/** Ends any stream-like object from outside. */
export function destroyStream(stream, error) {
  if (!stream || isDestroyed(stream)) return;
  const reason = error || (isFinished(stream) ? error : abortError());
  if (typeof stream.destroy === 'function') stream.destroy(reason);
  else if (typeof stream.close === 'function') stream.close();
}

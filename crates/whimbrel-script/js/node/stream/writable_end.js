// The end of a writable stream: 'prefinish' (after `_final`), then 'finish', then 'close'.

import { alreadyFinished, destroyed as destroyedError, multipleCallback } from './errors.js';
import { fail } from './lifecycle.js';
import { nextTick } from './tick.js';
import { accept } from './writable.js';

export function end(givenChunk, givenEncoding, givenCallback) {
  const state = this._writableState;
  let [chunk, encoding, callback] = [givenChunk, givenEncoding, givenCallback];
  if (typeof chunk === 'function') [callback, chunk, encoding] = [chunk, null, null];
  else if (typeof encoding === 'function') [callback, encoding] = [encoding, null];

  let error;
  if (chunk !== null && chunk !== undefined) {
    const answer = accept(this, chunk, encoding);
    if (answer instanceof Error) error = answer;
  }
  if (state.corked > 0) {
    state.corked = 1;
    this.uncork();
  }
  if (error === undefined) {
    if (!state.errored && !state.ending) {
      state.ending = true;
      finishMaybe(this, state, true);
      state.ended = true;
    } else if (state.finished) {
      error = alreadyFinished('end');
    } else if (state.destroyed) {
      error = destroyedError('end');
    }
  }
  if (typeof callback === 'function') {
    if (error) nextTick(callback, error);
    else if (state.errored) nextTick(callback, state.errored);
    else if (state.finished) nextTick(callback, null);
    else state.onFinish.push(callback);
  }
  return this;
}

const canFinish = state =>
  state.ending && !state.destroyed && state.constructed && state.length === 0 && !state.errored && state.buffered.length === 0
  && !state.finished && !state.writing && !state.errorEmitted && !state.closeEmitted;

export function finishMaybe(stream, state, later = false) {
  if (!canFinish(state)) return;
  prefinish(stream, state);
  if (state.pendingcb !== 0) return;
  if (later) {
    state.pendingcb += 1;
    nextTick(() => {
      if (canFinish(state)) finish(stream, state);
      else state.pendingcb -= 1;
    });
  } else if (canFinish(state)) {
    state.pendingcb += 1;
    finish(stream, state);
  }
}

function prefinish(stream, state) {
  if (state.prefinished || state.finalCalled) return;
  if (typeof stream._final === 'function' && !state.destroyed) {
    state.finalCalled = true;
    runFinal(stream, state);
  } else {
    state.prefinished = true;
    stream.emit('prefinish');
  }
}

function runFinal(stream, state) {
  let isOver = false;
  const onFinal = error => {
    if (isOver) {
      fail(stream, error ?? multipleCallback());
      return;
    }
    isOver = true;
    state.pendingcb -= 1;
    if (error) {
      for (const callback of state.onFinish.splice(0)) callback(error);
      fail(stream, error, state.sync);
    } else if (canFinish(state)) {
      state.prefinished = true;
      stream.emit('prefinish');
      // Another tick: 'finish' never comes while `_final` is on the stack.
      state.pendingcb += 1;
      nextTick(finish, stream, state);
    }
  };
  state.sync = true;
  state.pendingcb += 1;
  try {
    stream._final(onFinal);
  } catch (thrown) {
    onFinal(thrown);
  }
  state.sync = false;
}

function finish(stream, state) {
  state.pendingcb -= 1;
  state.finished = true;
  for (const callback of state.onFinish.splice(0)) callback(null);
  stream.emit('finish');
  if (!state.autoDestroy) return;
  const other = stream._readableState;
  if (!other || (other.autoDestroy && (other.endEmitted || other.readable === false))) stream.destroy();
}

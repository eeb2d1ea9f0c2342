// `readable.pipe(destination)` and `unpipe`, the methods of `Readable`.

import { fail } from './lifecycle.js';
import { prependListener } from './legacy.js';
import { nextTick } from './tick.js';

export function pipe(destination, options) {
  const source = this;
  const state = source._readableState;
  state.pipes.push(destination);

  let onDrain;
  let isReleased = false;
  const detach = () => source.unpipe(destination);
  const endDestination = () => destination.end();
  const atEnd = options?.end === false || destination._isStdio ? detach : endDestination;

  const onUnpipe = (readable, info) => {
    if (readable === source && info && info.hasUnpiped === false) {
      info.hasUnpiped = true;
      release();
    }
  };
  const wait = () => {
    if (!isReleased) {
      if (state.pipes.includes(destination)) state.awaitDrain.add(destination);
      source.pause();
    }
    if (onDrain) return;
    onDrain = () => {
      state.awaitDrain.delete(destination);
      if (state.awaitDrain.size === 0 && source.listenerCount('data') > 0) source.resume();
    };
    destination.on('drain', onDrain);
  };
  const onData = chunk => {
    if (destination.write(chunk) === false) wait();
  };
  const onError = error => {
    detach();
    destination.removeListener('error', onError);
    if (destination.listenerCount('error') > 0) return;
    const other = destination._writableState ?? destination._readableState;
    if (other && !other.errorEmitted) fail(destination, error);
    else destination.emit('error', error);
  };
  const onClose = () => {
    destination.removeListener('finish', onFinish);
    detach();
  };
  const onFinish = () => {
    destination.removeListener('close', onClose);
    detach();
  };
  const release = () => {
    destination.removeListener('close', onClose);
    destination.removeListener('finish', onFinish);
    if (onDrain) destination.removeListener('drain', onDrain);
    destination.removeListener('error', onError);
    destination.removeListener('unpipe', onUnpipe);
    source.removeListener('end', endDestination);
    source.removeListener('end', detach);
    source.removeListener('data', onData);
    isReleased = true;
    // Nobody will hear the drain any more; others may be waiting for it.
    if (onDrain && state.awaitDrain.size > 0 && (!destination._writableState || destination._writableState.needDrain)) onDrain();
  };

  if (state.endEmitted) nextTick(atEnd);
  else source.once('end', atEnd);
  destination.on('unpipe', onUnpipe);
  source.on('data', onData);
  prependListener(destination, 'error', onError);
  destination.once('close', onClose);
  destination.once('finish', onFinish);
  destination.emit('pipe', source);
  if (destination.writableNeedDrain === true) wait();
  else if (!state.flowing) source.resume();
  return destination;
}

export function unpipe(destination) {
  const state = this._readableState;
  if (state.pipes.length === 0) return this;
  if (!destination) {
    const all = state.pipes;
    state.pipes = [];
    this.pause();
    for (const one of all) one.emit('unpipe', this, { hasUnpiped: false });
    return this;
  }
  const index = state.pipes.indexOf(destination);
  if (index === -1) return this;
  state.pipes.splice(index, 1);
  if (state.pipes.length === 0) this.pause();
  destination.emit('unpipe', this, { hasUnpiped: false });
  return this;
}

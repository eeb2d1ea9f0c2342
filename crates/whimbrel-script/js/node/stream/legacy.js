// `Stream`: what all streams descend from, and the old `pipe` for things that only emit 'data'.

import EventEmitter from '../events.js';

export function Stream(options) {
  EventEmitter.call(this, options);
}
Object.setPrototypeOf(Stream.prototype, EventEmitter.prototype);
Object.setPrototypeOf(Stream, EventEmitter);

Stream.prototype.pipe = function pipe(destination, options) {
  const source = this;
  const onData = chunk => {
    if (destination.writable && destination.write(chunk) === false) source.pause?.();
  };
  const onDrain = () => {
    if (source.readable) source.resume?.();
  };
  let isOver = false;
  const onEnd = () => {
    if (!isOver) destination.end();
    isOver = true;
  };
  const onClose = () => {
    if (!isOver) destination.destroy?.();
    isOver = true;
  };
  function onError(error) {
    release();
    if (EventEmitter.listenerCount(this, 'error') === 0) this.emit('error', error);
  }
  const ends = !destination._isStdio && options?.end !== false;
  const listeners = [
    [source, 'data', onData], [destination, 'drain', onDrain], [source, 'error', onError], [destination, 'error', onError],
    ...(ends ? [[source, 'end', onEnd], [source, 'close', onClose]] : []),
  ];
  const release = () => {
    for (const [emitter, name, listener] of listeners) emitter.removeListener(name, listener);
    for (const [emitter, name] of finals) emitter.removeListener(name, release);
  };
  const finals = [[source, 'end'], [source, 'close'], [destination, 'close']];
  for (const [emitter, name, listener] of listeners) {
    if (listener === onError) prependListener(emitter, name, listener);
    else emitter.on(name, listener);
  }
  for (const [emitter, name] of finals) emitter.on(name, release);
  destination.emit('pipe', source);
  return destination;
};

Stream.prototype.eventNames = function eventNames() {
  return EventEmitter.prototype.eventNames.call(this).filter(name => this.listenerCount(name) > 0);
};

/** Puts a listener before those that are there, also on emitters without `prependListener`. */
export function prependListener(emitter, name, listener) {
  if (typeof emitter.prependListener === 'function') emitter.prependListener(name, listener);
  else emitter.on(name, listener);
}

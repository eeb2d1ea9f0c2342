// One duplex made of a readable and a writable stream that know nothing of each other.

import { destroyStream } from './lifecycle.js';
import { finished } from './finished.js';

/** Either may be null: that side is then switched off. */
export function join(Duplex, source, target) {
  let onDrain = null;
  let onFinished = null;
  let onReadable = null;
  let onClosed = null;
  const call = (callback, ...args) => { if (callback) callback(...args); };

  const both = new Duplex({
    readableObjectMode: Boolean(source?.readableObjectMode ?? source), writableObjectMode: Boolean(target?.writableObjectMode ?? target),
    readable: source !== null, writable: target !== null,
    read() {
      if (source === null) return;
      while (true) {
        const piece = source.read();
        if (piece === null) {
          onReadable = () => { onReadable = null; both._read(); };
          return;
        }
        if (!both.push(piece)) return;
      }
    },
    write(chunk, encoding, callback) {
      if (target.write(chunk, encoding)) callback();
      else onDrain = callback;
    },
    final(callback) {
      target.end();
      onFinished = callback;
    },
    destroy(error, callback) {
      onClosed = callback;
      const isOver = (source === null || source.destroyed) && (target === null || target.destroyed);
      if (source) destroyStream(source, error);
      if (target) destroyStream(target, error);
      if (isOver) settle(error);
    },
  });
  const settle = error => {
    const callback = onClosed;
    onClosed = null;
    call(callback, error);
  };
  if (target !== null) {
    target.on('drain', () => { const callback = onDrain; onDrain = null; call(callback); });
    target.on('finish', () => { const callback = onFinished; onFinished = null; call(callback); });
    finished(target, { readable: false }, error => {
      if (onClosed) settle(error);
      else if (error) both.destroy(error);
    });
  }
  if (source !== null) {
    source.on('readable', () => call(onReadable));
    source.on('end', () => both.push(null));
    finished(source, { writable: false }, error => {
      if (onClosed) settle(error);
      else if (error) both.destroy(error);
    });
  }
  return both;
}

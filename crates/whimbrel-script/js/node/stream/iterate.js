// `for await (const piece of readable)`.

import { bothErrors } from './errors.js';
import { finished } from './finished.js';
import { destroyStream } from './lifecycle.js';

/** Ends with the stream; leaving the loop early destroys it, unless `destroyOnReturn` is false. */
export async function* createIterator(given, options) {
  const stream = given;
  let wake = () => {};
  const onReadable = () => {
    wake();
    wake = () => {};
  };
  stream.on('readable', onReadable);
  // undefined: still open; null: over; otherwise what went wrong.
  let failure;
  const release = finished(stream, { writable: false }, error => {
    failure = error ? bothErrors(failure, error) : null;
    onReadable();
  });
  try {
    while (true) {
      const piece = stream.destroyed ? null : stream.read();
      if (piece !== null) yield piece;
      else if (failure) throw failure;
      else if (failure === null) return;
      else await new Promise(resolve => { wake = resolve; });
    }
  } catch (error) {
    failure = bothErrors(failure, error);
    throw failure;
  } finally {
    const destroys = failure || options?.destroyOnReturn !== false;
    if (destroys && (failure === undefined || stream._readableState.autoDestroy)) {
      destroyStream(stream, null);
    } else {
      stream.off('readable', onReadable);
      release();
    }
  }
}

// `cursor.stream()`: the documents of a cursor as a Readable.
//
// Streams are a module of their own that few scripts need; it is looked up when one does.

import { notOffered } from '../errors.js';
import { builtin, hasBuiltin } from '../../runtime/builtins.js';

let StreamClass = null;

/** The class of such streams, made once. */
function streamClass() {
  if (StreamClass) return StreamClass;
  if (!hasBuiltin('stream')) throw notOffered('cursor.stream()', 'iterate with `for await (const document of cursor)`');
  const { Readable } = builtin('stream');
  StreamClass = class ReadableCursorStream extends Readable {
    #cursor;
    #isReading = false;
    #transform;

    constructor(cursor, transform) {
      super({ objectMode: true, autoDestroy: false, highWaterMark: 1 });
      this.#cursor = cursor;
      this.#transform = transform;
    }

    _read() {
      if (this.#isReading) return;
      this.#isReading = true;
      void this.#readNext();
    }

    async #readNext() {
      try {
        const document = await this.#cursor.next();
        if (document === null) {
          this.push(null);
        } else if (this.destroyed) {
          await this.#cursor.close();
        } else {
          this.#isReading = false;
          this.push(this.#transform ? this.#transform(document) : document);
        }
      } catch (error) {
        // An error ends the stream, also when the cursor was closed under it.
        this.destroy(error);
      }
    }

    _destroy(error, callback) {
      this.#cursor.close().then(() => callback(error), closeError => callback(closeError));
    }
  };
  return StreamClass;
}

export function streamOf(cursor, transform) {
  const Stream = streamClass();
  return new Stream(cursor, transform);
}

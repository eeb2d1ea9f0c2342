// `webcrypto`, which is also the global `crypto`: random values and digests.

import { DOMException } from '../events/dom_exception.js';
import { host } from '../host.js';
import { nodeError } from '../errors.js';
import { viewOf } from './bytes.js';
import { fillRandom, randomUUID } from './random.js';

const MOST = 65536;
const DIGESTS = new Map([['SHA-1', 'sha1'], ['SHA-256', 'sha256'], ['SHA-384', 'sha384'], ['SHA-512', 'sha512']]);
const WHOLE_NUMBERS = /^(?:Big)?(?:Ui|I)nt/;

const invalidThis = name => nodeError(TypeError, 'ERR_INVALID_THIS', `Value of "this" must be of type ${name}`);

export class SubtleCrypto {
  async digest(algorithm, data) {
    const failed = "Failed to execute 'digest' on 'SubtleCrypto'";
    if (arguments.length < 2) {
      throw nodeError(TypeError, 'ERR_MISSING_ARGS', `${failed}: 2 arguments required, but only ${arguments.length} present.`);
    }
    const bytes = viewOf(data);
    if (bytes === undefined) {
      const message = `${failed}: 2nd argument is not instance of ArrayBuffer, Buffer, TypedArray, or DataView.`;
      throw nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', message);
    }
    const name = String(typeof algorithm === 'object' && algorithm !== null ? algorithm.name : algorithm).toUpperCase();
    if (!DIGESTS.has(name)) throw new DOMException('Unrecognized algorithm name', 'NotSupportedError');
    const id = host.hashNew(DIGESTS.get(name), null);
    host.hashUpdate(id, bytes);
    const digest = host.hashDigest(id);
    return digest.buffer.slice(digest.byteOffset, digest.byteOffset + digest.byteLength);
  }
}

export class Crypto {
  get subtle() { return subtle; }

  getRandomValues(array) {
    if (!(this instanceof Crypto)) throw invalidThis('Crypto');
    if (!ArrayBuffer.isView(array) || !WHOLE_NUMBERS.test(array[Symbol.toStringTag])) {
      throw new DOMException('The data argument must be an integer-type TypedArray', 'TypeMismatchError');
    }
    if (array.byteLength > MOST) throw new DOMException('The requested length exceeds 65,536 bytes', 'QuotaExceededError');
    fillRandom(viewOf(array));
    return array;
  }

  randomUUID(options) {
    if (!(this instanceof Crypto)) throw invalidThis('Crypto');
    return randomUUID(options);
  }
}
for (const Class of [Crypto, SubtleCrypto]) {
  Object.defineProperty(Class.prototype, Symbol.toStringTag, { value: Class.name, configurable: true });
}

export const subtle = new SubtleCrypto();
export const webcrypto = new Crypto();

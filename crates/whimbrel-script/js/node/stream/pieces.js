// The queue of a stream: what was pushed and not read yet, or written and not handled yet.

import { Buffer } from '../buffer.js';

/** Pieces in their order: bytes, text, or objects. Taking from the front is cheap. */
export class Pieces {
  #items = [];
  #head = 0;

  get length() { return this.#items.length - this.#head; }
  push(item) { this.#items.push(item); }
  first() { return this.#items[this.#head]; }
  clear() { this.#items = []; this.#head = 0; }
  *[Symbol.iterator]() { for (let i = this.#head; i < this.#items.length; i++) yield this.#items[i]; }

  unshift(item) {
    if (this.#head > 0) this.#items[--this.#head] = item;
    else this.#items.unshift(item);
  }

  shift() {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) this.clear();
    else if (this.#head >= 1024) { this.#items.splice(0, this.#head); this.#head = 0; }
    return item;
  }

  /** The first `count` bytes (or characters, when pieces are text) as one piece. */
  take(count) {
    const parts = [];
    let left = count;
    while (left > 0) {
      const piece = this.shift();
      parts.push(piece.length > left ? piece.slice(0, left) : piece);
      if (piece.length > left) this.unshift(piece.slice(left));
      left -= parts.at(-1).length;
    }
    return join(parts);
  }

  takeAll() {
    const parts = [...this];
    this.clear();
    return join(parts);
  }
}

function join(parts) {
  if (parts.length === 1) return parts[0];
  return typeof parts[0] === 'string' ? parts.join('') : Buffer.concat(parts);
}

// Events of clients, sessions and cursors.
//
// A migration has no connections of its own to watch, so most events never come; `close` of a cursor, `ended` of a session
// and `open` of a client do. Everything else of an emitter works, so that code which listens need not be changed.

export class TypedEventEmitter {
  #listeners = new Map();

  #add(event, listener, once, first) {
    if (typeof listener !== 'function') {
      const given = listener === null ? 'null' : typeof listener;
      const error = new TypeError(`The "listener" argument must be of type function. Received ${given}`);
      error.code = 'ERR_INVALID_ARG_TYPE';
      throw error;
    }
    const list = [...this.#listeners.get(event) ?? []];
    list[first ? 'unshift' : 'push']({ listener, once });
    this.#listeners.set(event, list);
    return this;
  }

  on(event, listener) { return this.#add(event, listener, false, false); }
  addListener(event, listener) { return this.on(event, listener); }
  once(event, listener) { return this.#add(event, listener, true, false); }
  prependListener(event, listener) { return this.#add(event, listener, false, true); }
  prependOnceListener(event, listener) { return this.#add(event, listener, true, true); }

  off(event, listener) {
    const list = this.#listeners.get(event) ?? [];
    const at = list.findLastIndex(entry => entry.listener === listener);
    if (at === -1) return this;
    const left = list.toSpliced(at, 1);
    if (left.length > 0) this.#listeners.set(event, left);
    else this.#listeners.delete(event);
    return this;
  }

  removeListener(event, listener) { return this.off(event, listener); }

  removeAllListeners(event) {
    if (event === undefined) this.#listeners.clear();
    else this.#listeners.delete(event);
    return this;
  }

  emit(event, ...args) {
    const list = this.#listeners.get(event);
    if (list === undefined) {
      if (event === 'error') throw args[0];
      return false;
    }
    for (const { listener, once } of list) {
      if (once) this.off(event, listener);
      listener.apply(this, args);
    }
    return true;
  }

  listeners(event) { return (this.#listeners.get(event) ?? []).map(({ listener }) => listener); }
  rawListeners(event) { return this.listeners(event); }
  listenerCount(event) { return this.#listeners.get(event)?.length ?? 0; }
  eventNames() { return [...this.#listeners.keys()]; }
  setMaxListeners() { return this; }
  getMaxListeners() { return 10; }
}

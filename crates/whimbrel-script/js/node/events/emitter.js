// The class `EventEmitter`.
//
// A function and not a class: old packages call it on their own objects (`EventEmitter.call(this)`), and some look
// at `_events` (one listener, or a list of several) and `_eventsCount`; so both are kept as Node.js has them. A
// leak of listeners is not warned of.

import { inspect } from '../../inspect.js';
import { invalidArgType, nodeError, outOfRange } from '../errors.js';

export const errorMonitor = Symbol('events.errorMonitor');
export const captureRejectionSymbol = Symbol.for('nodejs.rejection');
const captures = Symbol('kCapture');
let defaultMaxListeners = 10;

export function EventEmitter(options) {
  EventEmitter.init.call(this, options);
}
EventEmitter.prototype._events = undefined;
EventEmitter.prototype._eventsCount = 0;
EventEmitter.prototype._maxListeners = undefined;
Object.defineProperty(EventEmitter.prototype, captures, { value: false, writable: true });

const newTable = () => Object.create(null);

export function checkListener(listener) {
  if (typeof listener !== 'function') throw invalidArgType('listener', 'Function', listener);
}

export function checkCount(count, name) {
  if (typeof count !== 'number') throw invalidArgType(name, 'number', count);
  if (!(count >= 0)) throw outOfRange(name, '>= 0', count);
}

function checkBoolean(value, name) {
  if (typeof value !== 'boolean') throw invalidArgType(name, 'boolean', value);
}

EventEmitter.init = function (options) {
  if (this._events === undefined || this._events === Object.getPrototypeOf(this)._events) {
    this._events = newTable();
    this._eventsCount = 0;
  }
  this._maxListeners = this._maxListeners || undefined;
  if (options?.captureRejections) checkBoolean(options.captureRejections, 'options.captureRejections');
  const value = options?.captureRejections || EventEmitter.prototype[captures];
  Object.defineProperty(this, captures, { value, writable: true, configurable: true });
};

Object.defineProperties(EventEmitter, {
  defaultMaxListeners: {
    get: () => defaultMaxListeners,
    set: count => {
      checkCount(count, 'defaultMaxListeners');
      defaultMaxListeners = count;
    },
    enumerable: true,
  },
  captureRejections: {
    get: () => EventEmitter.prototype[captures],
    set: value => {
      checkBoolean(value, 'EventEmitter.captureRejections');
      EventEmitter.prototype[captures] = value;
    },
    enumerable: true,
    configurable: true,
  },
});

// The listeners of one event as they are stored, once-wrappers included; a list of its own.
function stored(emitter, type) {
  const found = emitter._events?.[type];
  if (found === undefined) return [];
  return typeof found === 'function' ? [found] : [...found];
}

const unwrap = listener => listener.listener ?? listener;

function add(emitter, type, listener, isFirst) {
  checkListener(listener);
  if (emitter._events === undefined) {
    emitter._events = newTable();
    emitter._eventsCount = 0;
  } else if (emitter._events.newListener !== undefined) {
    // Told before it is added: otherwise it would hear of itself.
    emitter.emit('newListener', type, unwrap(listener));
  }
  const before = emitter._events[type];
  if (before === undefined) {
    emitter._events[type] = listener;
    emitter._eventsCount += 1;
  } else if (typeof before === 'function') {
    emitter._events[type] = isFirst ? [listener, before] : [before, listener];
  } else if (isFirst) {
    before.unshift(listener);
  } else {
    before.push(listener);
  }
  return emitter;
}

function wrapOnce(emitter, type, listener) {
  checkListener(listener);
  let isFired = false;
  const wrapper = function (...args) {
    if (isFired) return undefined;
    emitter.removeListener(type, wrapper);
    isFired = true;
    return listener.apply(emitter, args);
  };
  wrapper.listener = listener;
  return wrapper;
}

function forget(emitter, type) {
  emitter._eventsCount -= 1;
  if (emitter._eventsCount === 0) emitter._events = newTable();
  else delete emitter._events[type];
}

function unhandled(thrown) {
  if (thrown instanceof Error) return thrown;
  const error = nodeError(Error, 'ERR_UNHANDLED_ERROR', `Unhandled error. (${inspect(thrown)})`);
  error.context = thrown;
  return error;
}

// With `captureRejections`, the failure of an async listener becomes an 'error' event.
function capture(emitter, promise, type, args) {
  const report = error => {
    if (typeof emitter[captureRejectionSymbol] === 'function') {
      emitter[captureRejectionSymbol](error, type, ...args);
      return;
    }
    // Not captured again, or a failing 'error' listener would never end.
    const before = emitter[captures];
    try {
      emitter[captures] = false;
      emitter.emit('error', error);
    } finally {
      emitter[captures] = before;
    }
  };
  try {
    const { then } = promise;
    if (typeof then === 'function') then.call(promise, undefined, error => queueMicrotask(() => report(error)));
  } catch (error) {
    emitter.emit('error', error);
  }
}

const methods = {
  setMaxListeners(count) {
    checkCount(count, 'setMaxListeners');
    this._maxListeners = count;
    return this;
  },
  getMaxListeners() {
    return this._maxListeners === undefined ? defaultMaxListeners : this._maxListeners;
  },
  emit(type, ...args) {
    const events = this._events;
    if (type === 'error') {
      if (events?.[errorMonitor] !== undefined) this.emit(errorMonitor, ...args);
      if (events?.error === undefined) throw unhandled(args[0]);
    }
    const listeners = stored(this, type);
    for (const listener of listeners) {
      const result = listener.apply(this, args);
      if (result !== undefined && result !== null && this[captures]) capture(this, result, type, args);
    }
    return listeners.length > 0;
  },
  addListener(type, listener) {
    return add(this, type, listener, false);
  },
  prependListener(type, listener) {
    return add(this, type, listener, true);
  },
  once(type, listener) {
    checkListener(listener);
    return this.on(type, wrapOnce(this, type, listener));
  },
  prependOnceListener(type, listener) {
    checkListener(listener);
    return this.prependListener(type, wrapOnce(this, type, listener));
  },
  removeListener(type, listener) {
    checkListener(listener);
    const list = stored(this, type);
    const at = list.findLastIndex(item => item === listener || item.listener === listener);
    if (at === -1) return this;
    const isAlone = list.length === 1;
    const told = isAlone ? unwrap(list[0]) : listener;
    if (isAlone) {
      forget(this, type);
    } else {
      list.splice(at, 1);
      this._events[type] = list.length === 1 ? list[0] : list;
    }
    if (this._events.removeListener !== undefined) this.emit('removeListener', type, told);
    return this;
  },
  removeAllListeners(type) {
    if (this._events === undefined) return this;
    const isTold = this._events.removeListener !== undefined;
    if (arguments.length === 0) {
      if (isTold) {
        for (const name of Reflect.ownKeys(this._events)) if (name !== 'removeListener') this.removeAllListeners(name);
        this.removeAllListeners('removeListener');
      }
      this._events = newTable();
      this._eventsCount = 0;
    } else if (isTold) {
      for (const listener of stored(this, type).reverse()) this.removeListener(type, listener);
    } else if (this._events[type] !== undefined) {
      forget(this, type);
    }
    return this;
  },
  listeners(type) {
    return stored(this, type).map(unwrap);
  },
  rawListeners(type) {
    return stored(this, type);
  },
  listenerCount(type, listener) {
    const list = stored(this, type);
    return listener ? list.filter(item => item === listener || item.listener === listener).length : list.length;
  },
  eventNames() {
    return this._eventsCount > 0 ? Reflect.ownKeys(this._events) : [];
  },
};
Object.assign(EventEmitter.prototype, methods, { on: methods.addListener, off: methods.removeListener });
EventEmitter.prototype.constructor = EventEmitter;

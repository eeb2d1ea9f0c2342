// `Event`, `CustomEvent` and `EventTarget`, without a tree: an event has one target and one phase.
//
// An error that a listener throws does not reach the one who dispatches, as everywhere; it becomes an unhandled
// rejection, which the engine reports.

import { host } from '../host.js';
import { invalidArgType, nodeError } from '../errors.js';

const missing = name => nodeError(TypeError, 'ERR_MISSING_ARGS', `The "${name}" argument must be specified`);
const missingBoth = () =>
  nodeError(TypeError, 'ERR_MISSING_ARGS', 'The "type" and "listener" arguments must be specified');
const wrongThis = name => nodeError(TypeError, 'ERR_INVALID_THIS', `Value of "this" must be of type ${name}`);

// What the target writes into an event while it is on its way.
const states = new WeakMap();

const stateOf = event => {
  const state = states.get(event);
  if (state === undefined) throw wrongThis('Event');
  return state;
};

export class Event {
  static NONE = 0;
  static CAPTURING_PHASE = 1;
  static AT_TARGET = 2;
  static BUBBLING_PHASE = 3;

  constructor(type, options = undefined) {
    if (arguments.length === 0) throw missing('type');
    if (options !== undefined && options !== null && typeof options !== 'object') {
      throw invalidArgType('options', 'Object', options);
    }
    states.set(this, {
      type: `${type}`, bubbles: Boolean(options?.bubbles), cancelable: Boolean(options?.cancelable),
      composed: Boolean(options?.composed), isPrevented: false, isStopped: false, isStoppedNow: false, isDispatched: false,
      target: null, timeStamp: host.now?.() ?? Date.now(),
    });
  }

  initEvent(type, bubbles = false, cancelable = false) {
    if (arguments.length === 0) throw missing('type');
    const state = stateOf(this);
    if (state.isDispatched) return;
    Object.assign(state, { type: `${type}`, bubbles: Boolean(bubbles), cancelable: Boolean(cancelable) });
  }

  preventDefault() {
    const state = stateOf(this);
    if (state.cancelable) state.isPrevented = true;
  }

  stopPropagation() { stateOf(this).isStopped = true; }

  stopImmediatePropagation() {
    // It may be overridden to look on; the target has to know nevertheless.
    Object.assign(stateOf(this), { isStopped: true, isStoppedNow: true });
  }

  composedPath() {
    const { isDispatched, target } = stateOf(this);
    return isDispatched ? [target] : [];
  }

  get type() { return stateOf(this).type; }
  get target() { return stateOf(this).target; }
  get srcElement() { return stateOf(this).target; }
  get currentTarget() {
    const { isDispatched, target } = stateOf(this);
    return isDispatched ? target : null;
  }
  get bubbles() { return stateOf(this).bubbles; }
  get cancelable() { return stateOf(this).cancelable; }
  get composed() { return stateOf(this).composed; }
  get defaultPrevented() { return stateOf(this).cancelable && stateOf(this).isPrevented; }
  get returnValue() { return !this.defaultPrevented; }
  get eventPhase() { return stateOf(this).isDispatched ? Event.AT_TARGET : Event.NONE; }
  get cancelBubble() { return stateOf(this).isStopped; }
  set cancelBubble(value) { if (value) this.stopPropagation(); }
  get timeStamp() { return stateOf(this).timeStamp; }
  get isTrusted() { return false; }
}

export class CustomEvent extends Event {
  #detail;

  constructor(type, options = undefined) {
    if (arguments.length === 0) throw missing('type');
    super(type, options);
    this.#detail = options?.detail ?? null;
  }

  get detail() { return this.#detail; }
}

const isListener = listener => typeof listener === 'function' || (typeof listener === 'object' && listener !== null);
const isCapture = options => (typeof options === 'boolean' ? options : Boolean(options?.capture));

export class EventTarget {
  // Per type, in the order of adding: { callback, capture, once, isGone }. `passive` means nothing, as in Node.js.
  #listeners = new Map();

  static #of(target) {
    if (!(typeof target === 'object' && target !== null && #listeners in target)) throw wrongThis('EventTarget');
    return target.#listeners;
  }

  addEventListener(type, callback, options = {}) {
    const listeners = EventTarget.#of(this);
    if (arguments.length < 2) throw missingBoth();
    const signal = options?.signal;
    if (signal !== undefined && (signal === null || typeof signal !== 'object' || !('aborted' in signal))) {
      throw invalidArgType('options.signal', 'AbortSignal', signal);
    }
    if (callback === null || callback === undefined) return;
    if (!isListener(callback)) throw invalidArgType('listener', 'EventListener', callback);
    if (signal?.aborted) return;
    const capture = isCapture(options);
    const name = `${type}`;
    const list = listeners.get(name) ?? [];
    if (list.some(known => known.callback === callback && known.capture === capture)) return;
    listeners.set(name, [...list, { callback, capture, once: Boolean(options?.once), isGone: false }]);
    signal?.addEventListener('abort', () => this.removeEventListener(name, callback, options), { once: true });
  }

  removeEventListener(type, callback, options = {}) {
    const listeners = EventTarget.#of(this);
    if (arguments.length < 2) throw missingBoth();
    const name = `${type}`;
    const capture = isCapture(options);
    const gone = listeners.get(name)?.find(known => known.callback === callback && known.capture === capture);
    if (gone === undefined) return;
    // Not called any more, even if its turn would come in the dispatch that is on.
    gone.isGone = true;
    listeners.set(name, listeners.get(name).filter(known => known !== gone));
  }

  dispatchEvent(event) {
    EventTarget.#of(this);
    if (arguments.length === 0) throw missing('event');
    if (!(event instanceof Event)) throw invalidArgType('event', 'Event', event);
    const state = stateOf(event);
    if (state.isDispatched) {
      throw nodeError(Error, 'ERR_EVENT_RECURSION', `The event "${event.type}" is already being dispatched`);
    }
    Object.assign(state, { target: this, isDispatched: true });
    try {
      for (const listener of this.#listeners.get(event.type) ?? []) {
        if (state.isStoppedNow) break;
        if (!listener.isGone) this.#call(listener, event);
      }
    } finally {
      Object.assign(state, { isDispatched: false, isStoppedNow: false });
    }
    return !event.defaultPrevented;
  }

  #call({ callback, capture, once }, event) {
    if (once) this.removeEventListener(event.type, callback, { capture });
    try {
      const result = typeof callback === 'function' ? callback.call(this, event) : callback.handleEvent?.(event);
      if (typeof result?.then === 'function') result.then(undefined, error => Promise.reject(error));
    } catch (error) {
      Promise.reject(error);
    }
  }

  /** The callbacks of one type, for `events.getEventListeners`. */
  static listenersOf(target, type) {
    return (EventTarget.#of(target).get(`${type}`) ?? []).map(({ callback }) => callback);
  }
}

/** The callbacks of one type, for `events.getEventListeners`. */
export const { listenersOf } = EventTarget;
delete EventTarget.listenersOf;

const tags = { Event, CustomEvent, EventTarget };
for (const [name, Class] of Object.entries(tags)) {
  Object.defineProperty(Class.prototype, Symbol.toStringTag, { value: name, configurable: true });
}

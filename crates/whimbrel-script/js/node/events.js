// `events`: the emitter with its companions.
//
// `Event`, `EventTarget`, `AbortController` and the like are globals in Node.js, not exports of this module; they
// are in the folder beside it.

import { invalidArgType } from './errors.js';
import { EventEmitter, captureRejectionSymbol, checkCount, errorMonitor } from './events/emitter.js';
import { EventTarget, listenersOf } from './events/target.js';
import { addAbortListener, on, once } from './events/waiting.js';

const targetLimits = new WeakMap();
const notAnEmitter = value => invalidArgType('emitter', ['EventEmitter', 'EventTarget'], value);

function getEventListeners(emitter, type) {
  if (typeof emitter.listeners === 'function') return emitter.listeners(type);
  if (emitter instanceof EventTarget) return listenersOf(emitter, type);
  throw notAnEmitter(emitter);
}

function getMaxListeners(emitter) {
  if (typeof emitter?.getMaxListeners === 'function') return emitter.getMaxListeners();
  if (emitter instanceof EventTarget) return targetLimits.get(emitter) ?? EventEmitter.defaultMaxListeners;
  throw notAnEmitter(emitter);
}

function setMaxListeners(count = EventEmitter.defaultMaxListeners, ...emitters) {
  checkCount(count, 'setMaxListeners');
  if (emitters.length === 0) EventEmitter.defaultMaxListeners = count;
  for (const emitter of emitters) {
    if (emitter instanceof EventTarget) targetLimits.set(emitter, count);
    else if (typeof emitter.setMaxListeners === 'function') emitter.setMaxListeners(count);
    else throw invalidArgType('eventTargets', ['EventEmitter', 'EventTarget'], emitter);
  }
}

function listenerCount(emitter, type) {
  if (typeof emitter.listenerCount === 'function') return emitter.listenerCount(type);
  return EventEmitter.prototype.listenerCount.call(emitter, type);
}

Object.assign(EventEmitter, {
  addAbortListener, once, on, getEventListeners, getMaxListeners, EventEmitter, usingDomains: false, captureRejectionSymbol,
  errorMonitor, setMaxListeners, listenerCount,
});

export default EventEmitter;

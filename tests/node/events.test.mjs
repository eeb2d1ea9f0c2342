// Whimbrel's `events`, `EventTarget`, `AbortController` and `DOMException` against those of Node.js.
//
// A case is a function that plays with one library and returns what it saw; both have to see the same.
//
// Deviations that are kept on purpose (tested under "deviations"):
//
// | where | Node.js | Whimbrel | reason |
// | --- | --- | --- | --- |
// | more listeners than `getMaxListeners()` | a warning | nothing | there is nobody to warn |
// | `EventEmitterAsyncResource` | offered | absent | no async hooks |
// | own symbols of an emitter | `shapeMode`, `kCapture`, enumerable | one, not enumerable | internals |
// | an error in an `EventTarget` listener | uncaught exception | unhandled rejection | the engine has one way to report |
// | `currentTarget` in the second of several listeners | null | the target | a slip of Node.js |
// | `any` signals of `any` signals | aborted one after the other | all aborted before any listener runs | the standard |
// | `Event.isTrusted` of the abort event | true | false | no event here is the user's doing |

import assert from 'node:assert/strict';
import nodeEvents from 'node:events';
import test from 'node:test';
import util from 'node:util';
import { AbortController, AbortSignal } from '../../crates/whimbrel-script/js/node/events/abort.js';
import { DOMException } from '../../crates/whimbrel-script/js/node/events/dom_exception.js';
import { CustomEvent, Event, EventTarget } from '../../crates/whimbrel-script/js/node/events/target.js';
import events from '../../crates/whimbrel-script/js/node/events.js';
import { random } from './compare.mjs';

const OURS = { events, Event, EventTarget, CustomEvent, AbortController, AbortSignal, DOMException };
const NODE = { ...OURS, events: nodeEvents };
for (const name of ['Event', 'EventTarget', 'AbortController', 'AbortSignal', 'DOMException']) NODE[name] = globalThis[name];
NODE.CustomEvent = globalThis.CustomEvent;

const symbol = Symbol('s');
const failure = error => ({
  thrown: error?.name, class: error?.constructor?.name, code: error?.code,
  // An engine's own message names the variables of the code that failed.
  message: error?.constructor === TypeError && error.code === undefined ? 'any' : error?.message,
});
const attempt = call => {
  try {
    return call();
  } catch (error) {
    return failure(error);
  }
};
const settle = promise => Promise.resolve(promise).then(value => ({ value }), failure);

async function same(scenario, what = scenario.toString()) {
  assert.deepEqual(await scenario(OURS), await scenario(NODE), what);
}

test('listeners: order, once, prepend, remove', async () => {
  await same(({ events: E }) => {
    const log = [];
    const e = new E();
    const a = (...args) => log.push(['a', ...args]);
    const b = (...args) => log.push(['b', ...args]);
    const results = [e.on('x', a) === e, e.once('x', b) === e, e.prependListener('x', b) === e, e.prependOnceListener('x', a) === e];
    results.push(e.emit('x', 1, 2, 3, 4, 5), e.emit('x'), e.emit('nobody'), e.listenerCount('x'), e.listenerCount('x', a), e.eventNames());
    e.off('x', b).removeListener('x', a).off('x', () => {});
    return [log, results, e.emit('x'), e.eventNames(), e._eventsCount, Object.keys(e._events)];
  });
  await same(({ events: E }) => {
    const e = new E();
    const f = () => {};
    const g = () => {};
    e.on('a', f).once('a', g).on(symbol, f).once('__proto__', f).on(5, g);
    const raw = e.rawListeners('a');
    return [
      e.listeners('a').map(x => [x === f, x === g]), raw.map(x => [x === f, x.listener === g, typeof x]), e.eventNames(), e.listeners('none'), e.rawListeners('none'),
      typeof e._events[5], Array.isArray(e._events.a), e._eventsCount, e.off('a', g).listeners('a').length, typeof e._events.a,
    ];
  });
  // Changes while an event is on its way do not touch it; the same listener twice goes one by one.
  await same(({ events: E }) => {
    const log = [];
    const e = new E();
    const late = () => log.push('late');
    const twice = () => { log.push('twice'); e.off('x', twice); };
    e.on('x', () => { log.push('first'); e.on('x', late); e.off('x', gone); });
    const gone = () => log.push('gone');
    e.on('x', gone).on('x', twice).on('x', twice);
    e.emit('x');
    e.emit('x');
    e.emit('x');
    return log;
  });
  await same(({ events: E }) => {
    const e = new E();
    const log = [];
    e.once('x', function () { log.push(this === e); e.emit('x'); });
    e.emit('x');
    const wrapper = (e.once('x', () => log.push('again')), e.rawListeners('x')[0]);
    wrapper();
    wrapper();
    return [log, e.listenerCount('x')];
  });
});

test('newListener, removeListener, removeAllListeners', async () => {
  const watch = (E, body) => {
    const log = [];
    const names = new Map();
    const e = new E();
    const named = (name, f = () => {}) => { names.set(f, name); return f; };
    const nameOf = f => names.get(f) ?? names.get(f?.listener) ?? typeof f;
    e.on('newListener', (type, f) => log.push(['new', String(type), nameOf(f), typeof f.listener, e.listenerCount(type)]));
    e.on('removeListener', (type, f) => log.push(['remove', String(type), nameOf(f), typeof f.listener, e.listenerCount(type)]));
    body(e, named);
    return [log, e.eventNames().map(String), e._eventsCount];
  };
  const bodies = [
    (e, n) => { const f = n('f'); e.on('x', f).once('x', n('g')).prependListener('x', n('h')); e.off('x', f); },
    (e, n) => { e.once('x', n('f')).emit('x'); },
    (e, n) => { e.once('x', n('f')).on('x', n('g')).once('y', n('h')); e.emit('x'); e.removeAllListeners('x'); },
    (e, n) => { e.once('x', n('f')).on('x', n('g')).once('y', n('h')).on(Symbol('s'), n('i')); e.removeAllListeners(); },
    (e, n) => { e.on('x', n('f')); e.removeAllListeners('nobody'); e.removeAllListeners('newListener'); e.on('y', n('g')); },
    (e, n) => { const f = n('f'); e.once('x', f); e.off('x', f); },
    (e, n) => { const f = n('f'); e.once('x', f).on('x', n('g')); e.off('x', f); },
    (e, n) => { e.on('x', n('f')); e.removeAllListeners('removeListener'); e.removeAllListeners(undefined); e.removeAllListeners('x'); },
  ];
  for (const body of bodies) await same(({ events: E }) => watch(E, body), body.toString());
});

test("the 'error' event", async () => {
  class Odd { constructor() { this.a = 1; } }
  for (const thrown of [undefined, null, 'text', 5, { a: 1 }, new Odd(), new TypeError('real'), [1, [2, [3, [4]]]], Symbol('s')]) {
    await same(({ events: E }) => {
      const e = new E();
      const seen = [];
      e.on(E.errorMonitor, error => seen.push(error));
      const outcome = attempt(() => e.emit('error', thrown));
      try { e.emit('error', thrown); } catch (error) { outcome.context = error.context; outcome.isSame = error === thrown; }
      e.on('error', error => seen.push(['handled', error]));
      return [outcome, e.emit('error', thrown, 2), seen];
    }, util.inspect(thrown));
  }
  await same(({ events: E }) => attempt(() => new E().emit('error')));
  await same(({ events: E }) => attempt(() => E.prototype.emit.call({}, 'error', 'x')));
});

test('bad arguments', async () => {
  const bad = [undefined, null, 5, 'x', {}, [], true, NaN, -1, '5', Infinity, Symbol('s'), 1n];
  for (const value of bad) {
    for (const name of ['on', 'once', 'off', 'addListener', 'removeListener', 'prependListener', 'prependOnceListener']) {
      await same(({ events: E }) => attempt(() => typeof new E()[name]('x', value)), `${name}(${util.inspect(value)})`);
    }
    await same(({ events: E }) => attempt(() => new E().setMaxListeners(value).getMaxListeners()), `setMaxListeners ${util.inspect(value)}`);
    await same(({ events: E }) => attempt(() => { E.defaultMaxListeners = value; const found = new E().getMaxListeners(); E.defaultMaxListeners = 10; return found; }));
    await same(({ events: E }) => attempt(() => { E.setMaxListeners(value); const found = E.defaultMaxListeners; E.defaultMaxListeners = 10; return found; }));
    await same(({ events: E }) => attempt(() => E.setMaxListeners(5, value)), `setMaxListeners of ${util.inspect(value)}`);
    await same(({ events: E }) => attempt(() => E.getEventListeners(value, 'x')), `getEventListeners of ${util.inspect(value)}`);
    await same(({ events: E }) => attempt(() => E.getMaxListeners(value)), `getMaxListeners of ${util.inspect(value)}`);
    await same(({ events: E }) => attempt(() => typeof new E({ captureRejections: value })), `captureRejections ${util.inspect(value)}`);
    await same(({ events: E }) => settle(E.once(value, 'x')).then(x => (x.value ? 'value' : x)), `once of ${util.inspect(value)}`);
    await same(({ events: E }) => { const e = new E(); const end = settle(E.once(e, 'x', value)); e.emit('x'); return end; }, `once with ${util.inspect(value)}`);
    await same(({ events: E }) => attempt(() => typeof E.on(value, 'x')), `on of ${util.inspect(value)}`);
    await same(({ events: E }) => attempt(() => typeof E.addAbortListener(value, () => {})), `addAbortListener of ${util.inspect(value)}`);
  }
});

test('statics and limits', async () => {
  await same(({ events: E, EventTarget: T }) => {
    const e = new E();
    const t = new T();
    const before = [e.getMaxListeners(), E.getMaxListeners(e), E.getMaxListeners(t)];
    e.setMaxListeners(3);
    E.setMaxListeners(7, t);
    const f = () => {};
    e.once('x', f);
    t.addEventListener('x', f);
    return [before, e.getMaxListeners(), E.getMaxListeners(t), E.getEventListeners(e, 'x')[0] === f, E.getEventListeners(t, 'x')[0] === f, E.getEventListeners(t, 'y'), E.listenerCount(e, 'x'), E.EventEmitter === E, E.usingDomains, E.captureRejectionSymbol, E.captureRejections, E.name, E.length, E.defaultMaxListeners];
  });
  const missing = Object.getOwnPropertyNames(nodeEvents).filter(name => !Object.hasOwn(events, name));
  assert.deepEqual(missing, ['EventEmitterAsyncResource', 'kMaxEventTargetListeners', 'kMaxEventTargetListenersWarned']);
  assert.deepEqual(Object.keys(nodeEvents.prototype).filter(name => !(name in events.prototype)), []);
});

test('as a parent of old and new classes', async () => {
  await same(({ events: E }) => {
    function Old() { E.call(this); this.mine = 1; }
    util.inherits(Old, E);
    class New extends E { constructor() { super(); this.mine = 2; } }
    const Bare = function () {};
    Object.setPrototypeOf(Bare.prototype, E.prototype);
    const mixed = Object.assign({}, E.prototype);
    const log = [];
    for (const e of [new Old(), new New(), new Bare(), mixed]) {
      e.on('x', function (value) { log.push([value, this === e]); });
      e.emit('x', 1);
    }
    const shared = new Old();
    const other = new Old();
    shared.on('y', () => log.push('shared'));
    other.emit('y');
    return [log, Object.keys(new Old()), new New() instanceof E, E.prototype._events, new E().constructor === E];
  });
});

test('captureRejections', async () => {
  const tick = () => new Promise(resolve => setTimeout(resolve, 2));
  await same(async ({ events: E }) => {
    const e = new E({ captureRejections: true });
    const log = [];
    e.on('error', error => log.push(error.message));
    e.on('x', async () => { throw new Error('async'); });
    e.emit('x');
    await tick();
    e[Symbol.for('nodejs.rejection')] = (error, type, ...args) => log.push([error.message, type, args]);
    e.emit('x', 1, 2);
    await tick();
    e.on('y', () => ({ get then() { throw new Error('getter'); } }));
    e.emit('y');
    await tick();
    return log;
  });
  await same(async ({ events: E }) => {
    E.captureRejections = true;
    const e = new E();
    E.captureRejections = false;
    const log = [];
    e.on('x', async () => { throw new Error('late'); }).on('error', error => log.push(error.message));
    e.emit('x');
    await tick();
    return [log, attempt(() => { E.captureRejections = 5; })];
  });
});

test('events.once', async () => {
  await same(async ({ events: E, EventTarget: T, Event: V, AbortController: C }) => {
    const out = [];
    const e = new E();
    const first = E.once(e, 'x');
    e.emit('x', 1, 2);
    out.push(await first, e.eventNames());
    const failing = settle(E.once(e, 'x'));
    e.emit('error', new RangeError('bad'));
    out.push(await failing, e.eventNames());
    const awaited = E.once(e, 'error');
    e.emit('error', 5);
    out.push(await awaited);
    const target = new T();
    const arrived = E.once(target, 'x');
    target.dispatchEvent(new V('x'));
    out.push((await arrived).map(event => event.type));
    const controller = new C();
    const stopped = settle(E.once(e, 'x', { signal: controller.signal }));
    controller.abort('why');
    out.push(await stopped, e.eventNames(), await settle(E.once(e, 'x', { signal: controller.signal })));
    const cause = await E.once(e, 'x', { signal: controller.signal }).catch(error => error.cause);
    return [...out, cause];
  });
});

test('events.on', async () => {
  await same(async ({ events: E, AbortController: C }) => {
    const out = [];
    const e = new E();
    const iterator = E.on(e, 'x');
    e.emit('x', 1);
    e.emit('x', 2, 3);
    out.push(await iterator.next(), await iterator.next());
    const pending = iterator.next();
    e.emit('x', 4);
    out.push(await pending);
    const waiting = [iterator.next(), iterator.next()];
    out.push(await iterator.return(), await Promise.all(waiting), await iterator.next(), e.eventNames());

    const failing = E.on(e, 'x');
    e.emit('x', 1);
    e.emit('error', new Error('bad'));
    out.push(await failing.next(), await settle(failing.next()), await failing.next(), e.eventNames());

    const controller = new C();
    const seen = [];
    const loop = settle((async () => { for await (const [value] of E.on(e, 'x', { signal: controller.signal })) { seen.push(value); if (value === 2) controller.abort(); } })());
    e.emit('x', 1);
    e.emit('x', 2);
    e.emit('x', 3);
    out.push(await loop, seen, e.eventNames());

    const closing = E.on(e, 'x', { close: ['end', 'close'] });
    e.emit('x', 1);
    e.emit('end');
    out.push(await closing.next(), await closing.next(), e.eventNames());

    const thrown = E.on(e, 'x');
    const next = settle(thrown.next());
    thrown.throw(new Error('mine'));
    out.push(await next, attempt(() => thrown.throw(5)), attempt(() => E.on(e, 'x', { highWaterMark: 0 })), attempt(() => E.on(e, 'x', { lowWaterMark: 1.5 })), attempt(() => E.on(e, 'x', { signal: 5 })));
    return out;
  });
  await same(async ({ events: E }) => {
    const e = new E();
    const log = [];
    e.pause = () => log.push('pause');
    e.resume = () => log.push('resume');
    const iterator = E.on(e, 'x', { highWaterMark: 2, lowWaterMark: 1 });
    for (let i = 0; i < 5; i++) e.emit('x', i);
    for (let i = 0; i < 5; i++) log.push((await iterator.next()).value);
    await iterator.return();
    return log;
  });
});

test('Event and CustomEvent', async () => {
  const state = e => ['type', 'bubbles', 'cancelable', 'composed', 'defaultPrevented', 'returnValue', 'cancelBubble', 'eventPhase', 'isTrusted', 'target', 'currentTarget', 'srcElement', 'detail'].map(name => e[name]);
  for (const options of [undefined, null, {}, { bubbles: true }, { cancelable: 1, composed: 'x' }, { detail: 5 }, { detail: undefined }, 5, 'x']) {
    for (const type of ['x', 5, null, undefined, '', { toString: () => 'own' }]) {
      for (const kind of ['Event', 'CustomEvent']) {
        await same(lib => attempt(() => {
          const event = new lib[kind](type, options);
          const before = state(event);
          event.preventDefault();
          event.stopPropagation();
          return [before, state(event), String(event), event.composedPath(), typeof event.timeStamp, event instanceof lib.Event];
        }), `${kind}(${util.inspect(type)}, ${util.inspect(options)})`);
      }
    }
  }
  for (const kind of ['Event', 'CustomEvent']) await same(lib => [attempt(() => new lib[kind]()), attempt(() => new lib[kind](Symbol('s'))), attempt(() => lib[kind]('x')).thrown]);
  await same(({ Event: V }) => [V.NONE, V.CAPTURING_PHASE, V.AT_TARGET, V.BUBBLING_PHASE, attempt(() => V.prototype.type)]);
  await same(({ Event: V }) => { const e = new V('a', { cancelable: true }); e.initEvent('b', true); e.cancelBubble = true; return [...state(e), attempt(() => e.initEvent())]; });
});

test('EventTarget', async () => {
  await same(({ EventTarget: T, Event: V, CustomEvent: K, AbortController: C }) => {
    const log = [];
    const t = new T();
    const f = function (event) { log.push(['f', event.type, this === t, event.target === t]); };
    const object = { handleEvent(event) { log.push(['object', this === object, event.detail]); } };
    t.addEventListener('x', f);
    t.addEventListener('x', f);
    t.addEventListener('x', f, { capture: true });
    t.addEventListener('x', object, { once: true });
    t.addEventListener('x', {});
    t.addEventListener('x', null);
    const event = new K('x', { detail: 7, cancelable: true });
    log.push(t.dispatchEvent(event), t.dispatchEvent(event), event.target === t, event.currentTarget, event.eventPhase);
    t.removeEventListener('x', f);
    t.dispatchEvent(new V('x'));
    t.removeEventListener('x', f, true);
    t.removeEventListener('x', f, { capture: true });
    t.dispatchEvent(new V('x'));
    t.addEventListener('y', e => e.preventDefault(), { passive: true });
    log.push(t.dispatchEvent(new V('y', { cancelable: true })));
    t.addEventListener('y', e => e.preventDefault());
    log.push(t.dispatchEvent(new V('y', { cancelable: true })), t.dispatchEvent(new V('y')));
    const controller = new C();
    t.addEventListener('z', f, { signal: controller.signal });
    t.dispatchEvent(new V('z'));
    controller.abort();
    t.dispatchEvent(new V('z'));
    t.addEventListener('z', f, { signal: controller.signal });
    t.dispatchEvent(new V('z'));
    return log;
  });
  await same(({ EventTarget: T, Event: V }) => {
    const log = [];
    const t = new T();
    const gone = () => log.push('gone');
    t.addEventListener('x', e => { log.push(attempt(() => t.dispatchEvent(e))); t.removeEventListener('x', gone); t.addEventListener('x', () => log.push('late')); });
    t.addEventListener('x', gone);
    t.addEventListener('x', e => { e.stopImmediatePropagation(); log.push(e.cancelBubble); });
    t.addEventListener('x', () => log.push('never'));
    const event = new V('x');
    t.dispatchEvent(event);
    log.push(event.cancelBubble, String(t));
    return log;
  });
  await same(({ EventTarget: T, Event: V }) => {
    const t = new T();
    const log = [];
    t.addEventListener('x', event => log.push(event.currentTarget === t, event.eventPhase, event.composedPath().length));
    t.dispatchEvent(new V('x'));
    return log;
  });
  for (const value of [undefined, 5, 'x', true, Symbol('s')]) {
    await same(({ EventTarget: T }) => attempt(() => new T().addEventListener('x', value)), `listener ${util.inspect(value)}`);
    await same(({ EventTarget: T }) => attempt(() => new T().dispatchEvent(value)), `event ${util.inspect(value)}`);
    await same(({ EventTarget: T }) => attempt(() => new T().addEventListener('x', () => {}, { signal: value })), `signal ${util.inspect(value)}`);
  }
  await same(({ EventTarget: T }) => [attempt(() => new T().addEventListener('x')), attempt(() => new T().removeEventListener()), attempt(() => new T().dispatchEvent()), attempt(() => T.prototype.addEventListener.call({}, 'x', () => {}))]);
  // A failing listener stops nobody.
  await same(({ EventTarget: T, Event: V }) => new Promise(resolve => {
    const log = [];
    const t = new T();
    const name = T === EventTarget ? 'unhandledRejection' : 'uncaughtException';
    const others = process.listeners(name);
    process.removeAllListeners(name);
    process.once(name, error => {
      for (const listener of others) process.on(name, listener);
      resolve([...log, error.message]);
    });
    t.addEventListener('x', () => { throw new Error('inside'); });
    t.addEventListener('x', () => log.push('second'));
    log.push(t.dispatchEvent(new V('x')));
  }));
});

test('AbortController and AbortSignal', async () => {
  const about = signal => [signal.aborted, signal.reason instanceof Error ? failure(signal.reason) : signal.reason, attempt(() => signal.throwIfAborted()), String(signal)];
  for (const args of [[], [undefined], [null], ['why'], [5], [new TypeError('t')]]) {
    await same(({ AbortController: C, AbortSignal: S }) => {
      const c = new C();
      const log = [about(c.signal), c.signal === c.signal];
      c.signal.onabort = function (event) { log.push(['on', event.type, this === c.signal, event.target === c.signal]); };
      c.signal.addEventListener('abort', () => log.push('listener'));
      c.abort(...args);
      c.abort('again');
      return [log, about(c.signal), about(S.abort(...args)), typeof c.signal.onabort, String(c)];
    }, util.inspect(args));
  }
  await same(({ AbortController: C, AbortSignal: S }) => {
    const c = new C();
    const log = [];
    c.signal.onabort = () => log.push('one');
    c.signal.onabort = () => log.push('two');
    const d = new C();
    d.signal.onabort = () => log.push('three');
    d.signal.onabort = null;
    const first = S.any([c.signal, d.signal]);
    const second = S.any([first]);
    const unaffected = S.any([d.signal]);
    for (const [name, signal] of Object.entries({ first, second, unaffected })) signal.addEventListener('abort', () => log.push([name, signal.aborted, first.aborted]));
    c.abort('r');
    return [log, about(first), about(second), about(unaffected), about(S.any([])), about(S.any([d.signal, c.signal, S.abort('no')])), d.signal.onabort];
  });
  for (const value of [undefined, null, 5, [5], ['x'], {}, [null], 'ab']) {
    await same(({ AbortSignal: S }) => attempt(() => about(S.any(value))), `any ${util.inspect(value)}`);
    if (typeof value !== 'number') await same(({ AbortSignal: S }) => attempt(() => about(S.timeout(value))), `timeout ${util.inspect(value)}`);
  }
  for (const value of [-1, 1.5, 2 ** 32, NaN, Infinity]) await same(({ AbortSignal: S }) => attempt(() => about(S.timeout(value))), `timeout ${value}`);
  await same(async ({ AbortSignal: S }) => {
    const signal = S.timeout(1);
    const before = signal.aborted;
    await new Promise(resolve => { signal.onabort = resolve; setTimeout(resolve, 1000); });
    return [before, about(signal)];
  });
  await same(({ AbortSignal: S }) => attempt(() => new S()));
  await same(async ({ events: E, AbortController: C }) => {
    const c = new C();
    const log = [];
    const disposable = E.addAbortListener(c.signal, () => log.push('a'));
    E.addAbortListener(c.signal, () => log.push('b'));
    disposable[Symbol.dispose ?? Symbol.for('nodejs.dispose')]();
    c.abort();
    E.addAbortListener(c.signal, () => log.push('late'));
    await null;
    return log;
  });
});

test('DOMException', async () => {
  const NAMES = ['AbortError', 'TimeoutError', 'DataCloneError', 'InvalidCharacterError', 'NotFoundError', 'QuotaExceededError', 'OperationError', 'Error', '', 'toString', 'SyntaxError'];
  for (const name of [...NAMES, undefined, null, 5, {}, { name: 'AbortError' }, { name: 'X', cause: 5 }, { cause: undefined }]) {
    for (const message of ['m', '', undefined, null, 5]) {
      await same(({ DOMException: D }) => attempt(() => {
        const e = new D(message, name);
        return [e.name, e.message, e.code, String(e), e instanceof Error, Object.keys(e), 'cause' in e, e.cause, Object.prototype.toString.call(e)];
      }), `${util.inspect(message)}, ${util.inspect(name)}`);
    }
  }
  await same(({ DOMException: D }) => [Object.keys(D), D.ABORT_ERR, new D().DATA_CLONE_ERR, attempt(() => new D(Symbol('s')))]);
});

test('3,000 random plays with an emitter', async () => {
  for (let seed = 0; seed < 300; seed++) {
    await same(({ events: E }) => {
      const { below, pick } = random(seed);
      const log = [];
      const e = new E();
      const listeners = Array.from({ length: 4 }, (_, i) => (...args) => {
        log.push([i, args.length]);
        if (log.length < 200 && below(4) === 0) act();
      });
      const act = () => {
        const type = pick(['a', 'b', 'newListener', 'removeListener']);
        const name = pick(['on', 'on', 'once', 'prependListener', 'prependOnceListener', 'off', 'off', 'emit', 'emit', 'removeAllListeners']);
        if (log.length > 300) return;
        if (name === 'emit') log.push(e.emit(type, 1));
        else if (name === 'removeAllListeners') { if (below(4) === 0) e.removeAllListeners(...pick([[], [type]])); }
        else e[name](type, pick(listeners));
        log.push([name, e.eventNames(), e.listenerCount(type), e.listeners(type).map(f => listeners.indexOf(f))]);
      };
      for (let i = 0; i < 10; i++) act();
      return log;
    }, `seed ${seed}`);
  }
});

test('deviations', () => {
  assert.deepEqual(Object.keys(new events()), ['_events', '_eventsCount', '_maxListeners']);
  assert.equal(Object.getOwnPropertySymbols(new events()).length, 1);
  assert.equal(events.EventEmitterAsyncResource, undefined);
});

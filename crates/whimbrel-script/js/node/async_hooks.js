// `async_hooks`: refused, because the engine does not tell what follows from what.
//
// `AsyncResource` is offered as far as it needs no engine: it calls a function.

import { invalidArgType, nodeError } from './errors.js';

const notOffered = (name, instead) => nodeError(Error, 'ERR_NOT_OFFERED', `${name} is not offered in a migration: ${instead}`);

class AsyncLocalStorage {
  constructor() {
    throw notOffered('AsyncLocalStorage', 'pass the value to the functions that need it');
  }
}

class AsyncResource {
  constructor(type) {
    if (typeof type !== 'string') throw invalidArgType('type', 'string', type);
  }

  runInAsyncScope(call, thisArgument, ...args) { return Reflect.apply(call, thisArgument, args); }
  emitDestroy() { return this; }
  asyncId() { return 0; }
  triggerAsyncId() { return 0; }
  bind(call) {
    if (typeof call !== 'function') throw invalidArgType('fn', 'Function', call);
    return call.bind(undefined);
  }

  static bind(call, type) { return new AsyncResource(type ?? 'bound-anonymous-fn').bind(call); }
}

export default {
  AsyncLocalStorage,
  createHook() { throw notOffered('createHook', 'print what you want to follow'); },
  executionAsyncId: () => 0,
  triggerAsyncId: () => 0,
  AsyncResource,
};

// What a migration file offers: `up`, `rollback`, and what it says of itself.
//
// ES modules export them by name or as the default; CommonJS modules as `module.exports`. The default
// may be the `up` function, an object with both, or a class with both. Older tools called `up(done)` with
// the database as `this.db`, or `up(db, next)`; such functions are known by what their parameters are called.

const isFunction = value => typeof value === 'function';

const isClass = value => isFunction(value) && /^class\b/.test(Function.prototype.toString.call(value));

/** An instance of the first exported class that has an `up`, or undefined. */
function instanceOf(exported) {
  const candidates = [exported, exported?.default, ...(exported !== null && typeof exported === 'object' ? Object.values(exported) : [])];
  const offersUp = value => isFunction(value.prototype?.up) || /\bup\s*=/.test(Function.prototype.toString.call(value));
  const Class = candidates.find(value => isClass(value) && offersUp(value));
  const instance = Class && new Class();
  return isFunction(instance?.up) ? instance : undefined;
}

/** `{ up, rollback, transaction }` of a module's exports. */
export function entryPoints(exported) {
  const instance = isFunction(exported?.up) ? undefined : instanceOf(exported);
  if (instance) {
    const { up, rollback, down } = instance;
    const flag = [exported?.transaction, instance.transaction].find(value => typeof value === 'boolean');
    return { up, rollback: [rollback, down].find(isFunction), transaction: flag, owner: instance };
  }
  const fallback = exported?.default;
  const object = fallback !== null && typeof fallback === 'object' ? fallback : {};
  const first = (...candidates) => candidates.find(value => isFunction(value) && !isClass(value));
  const flag = [exported?.transaction, object.transaction, fallback?.transaction].find(value => typeof value === 'boolean');
  return {
    up: first(exported?.up, object.up, fallback, exported),
    rollback: first(exported?.rollback, exported?.down, object.rollback, object.down, fallback?.rollback, fallback?.down),
    transaction: flag,
    owner: isFunction(exported?.up) ? exported : object,
  };
}

/** Whether an ES module exports nothing of a migration, so that `module.exports` counts. */
export function offersNothing(namespace) {
  const { up, rollback } = entryPoints(namespace);
  return up === undefined && rollback === undefined;
}

const CALLBACK_NAMES = new Set(['done', 'next', 'cb', 'callback']);

/** The names of a function's parameters, as far as they are plain names. */
function parametersOf(callback) {
  const text = Function.prototype.toString.call(callback);
  const list = /^(?:async\s*)?(?:function\b[^(]*|[\w$]*\s*)\(([^)]*)\)/.exec(text)?.[1] ?? '';
  return list.split(',').map(name => name.trim().replace(/\s*=.*$/s, '')).filter(name => name !== '');
}

/** Calls `up` or `rollback`; `deprecate` says that it is written for an older tool. */
export function callEntry(callback, owner, db, client, { legacy, deprecate }) {
  const names = legacy === 'off' ? [] : parametersOf(callback);
  const at = names.findIndex(name => CALLBACK_NAMES.has(name));
  if (at < 0) return callback.call(owner, db, client);
  deprecate(`${callback.name || 'up'}(${names.join(', ')})`, 'async functions that are given (db, client)');
  return new Promise((resolve, reject) => {
    const done = error => (error === undefined || error === null ? resolve() : reject(error));
    const self = Object.create(owner ?? null, { db: { value: db }, client: { value: client } });
    const returned = callback.apply(self, [db, client].slice(0, at).concat(done));
    // Some are written for both: a promise that fails is an error even if `done` is never called.
    if (isFunction(returned?.then)) returned.then(undefined, reject);
  });
}

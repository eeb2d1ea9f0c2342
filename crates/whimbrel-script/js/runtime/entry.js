// What a migration file offers: `up`, `rollback`, and what it says of itself.
//
// ES modules export them by name or as the default; CommonJS modules as `module.exports`. The default
// may be the `up` function or an object with both.

const isFunction = value => typeof value === 'function';

/** `{ up, rollback, transaction }` of a module's exports. */
export function entryPoints(exported) {
  const fallback = exported?.default;
  const object = fallback !== null && typeof fallback === 'object' ? fallback : {};
  const first = (...candidates) => candidates.find(isFunction);
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

// Symbols of the façade, among them some that the engine may not have.

/** What `await using` calls. */
export const ASYNC_DISPOSE = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');

/** What `inspect` and `console.log` call. */
export const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** What a client, database or collection hands down to what belongs to it; see `options.js`. */
export const SCOPE = Symbol('scope');

/** Sets properties that do not show. */
export function hide(object, properties) {
  for (const key of Reflect.ownKeys(properties)) {
    Object.defineProperty(object, key, { value: properties[key], writable: true, configurable: true, enumerable: false });
  }
}

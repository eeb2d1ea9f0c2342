// `stack` of an error may be assigned anything, as in Node.js; the engine's own setter takes text only.

export function installErrors() {
  const native = Object.getOwnPropertyDescriptor(Error.prototype, 'stack');
  if (native?.get === undefined) return;
  Object.defineProperty(Error.prototype, 'stack', {
    get: native.get,
    set(value) { Object.defineProperty(this, 'stack', { value, writable: true, enumerable: false, configurable: true }); },
    enumerable: false,
    configurable: true,
  });
}

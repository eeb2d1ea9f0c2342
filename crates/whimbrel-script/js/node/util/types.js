// `util.types`: what kind of object a value really is, whatever its prototype says.
//
// A method or getter of a built-in class fails on everything that is not of its kind; so calling it tells.
// Where no such call is without effect (promises, generators) prototype and tag decide. The language cannot see
// that something is a proxy: `isProxy` is always false.

const isObject = value => value !== null && (typeof value === 'object' || typeof value === 'function');

// A test that passes where `call` does not throw.
const survives = call => value => {
  if (!isObject(value)) return false;
  try {
    call(value);
    return true;
  } catch {
    return false;
  }
};
const byMethod = (Class, method, ...args) => {
  if (Class === undefined) return () => false;
  return survives(value => Class.prototype[method].call(value, ...args));
};
const byGetter = (Class, name) => {
  if (Class === undefined) return () => false;
  const { get } = Object.getOwnPropertyDescriptor(Class.prototype, name);
  return survives(value => get.call(value));
};

const TypedArray = Object.getPrototypeOf(Uint8Array);
const { get: typedArrayTag } = Object.getOwnPropertyDescriptor(TypedArray.prototype, Symbol.toStringTag);
const kindOfTypedArray = value => typedArrayTag.call(value);
const isKind = name => value => kindOfTypedArray(value) === name;

// The tag that the engine gives: one that the object or a class of the program sets does not count.
const builtInTag = value => Object.prototype.toString.call(value).slice(8, -1);
const isTagged = (value, tag) => isObject(value) && !(Symbol.toStringTag in value) && builtInTag(value) === tag;
const isFunctionOf = (value, ...tags) => typeof value === 'function' && tags.includes(builtInTag(value));

const MapIteratorPrototype = Object.getPrototypeOf(new Map().keys());
const SetIteratorPrototype = Object.getPrototypeOf(new Set().keys());
const GeneratorPrototype = Object.getPrototypeOf(function* () {}).prototype;
const AsyncGeneratorPrototype = Object.getPrototypeOf(async function* () {}).prototype;
const inherits = (value, prototype) => isObject(value) && Object.prototype.isPrototypeOf.call(prototype, value);

const boxed = Class => {
  const isBoxed = byMethod(Class, 'valueOf');
  return value => typeof value === 'object' && isBoxed(value);
};

const hasRegExpSource = byGetter(RegExp, 'source');
const isNumberObject = boxed(Number);
const isStringObject = boxed(String);
const isBooleanObject = boxed(Boolean);
const isBigIntObject = boxed(BigInt);
const isSymbolObject = boxed(Symbol);
const isArrayBuffer = byGetter(ArrayBuffer, 'byteLength');
const isSharedArrayBuffer = byGetter(globalThis.SharedArrayBuffer, 'byteLength');
const isArrayBufferView = value => ArrayBuffer.isView(value);
const isTypedArray = value => kindOfTypedArray(value) !== undefined;

const types = {
  isExternal: () => false,
  isDate: byMethod(Date, 'getTime'),
  isArgumentsObject: value => isTagged(value, 'Arguments'),
  isBigIntObject,
  isBooleanObject,
  isNumberObject,
  isStringObject,
  isSymbolObject,
  isBoxedPrimitive: value =>
    isNumberObject(value) || isStringObject(value) || isBooleanObject(value) || isBigIntObject(value) || isSymbolObject(value),
  isNativeError: value => (Error.isError ? Error.isError(value) : isTagged(value, 'Error')),
  // The prototype answers the getter as well, and is none.
  isRegExp: value => value !== RegExp.prototype && hasRegExpSource(value),
  isAsyncFunction: value => isFunctionOf(value, 'AsyncFunction', 'AsyncGeneratorFunction'),
  isGeneratorFunction: value => isFunctionOf(value, 'GeneratorFunction', 'AsyncGeneratorFunction'),
  isGeneratorObject: value => inherits(value, GeneratorPrototype) || inherits(value, AsyncGeneratorPrototype),
  isPromise: value => value instanceof Promise,
  isMap: byGetter(Map, 'size'),
  isSet: byGetter(Set, 'size'),
  isMapIterator: value => inherits(value, MapIteratorPrototype),
  isSetIterator: value => inherits(value, SetIteratorPrototype),
  isWeakMap: byMethod(WeakMap, 'has', {}),
  isWeakSet: byMethod(WeakSet, 'has', {}),
  isArrayBuffer,
  isDataView: value => isArrayBufferView(value) && !isTypedArray(value),
  isSharedArrayBuffer,
  isProxy: () => false,
  isModuleNamespaceObject: value => isObject(value) && builtInTag(value) === 'Module' && Object.getPrototypeOf(value) === null,
  isAnyArrayBuffer: value => isArrayBuffer(value) || isSharedArrayBuffer(value),
  isCryptoKey: () => false,
  isKeyObject: () => false,
  isArrayBufferView,
  isTypedArray,
  isUint8Array: isKind('Uint8Array'),
  isUint8ClampedArray: isKind('Uint8ClampedArray'),
  isUint16Array: isKind('Uint16Array'),
  isUint32Array: isKind('Uint32Array'),
  isInt8Array: isKind('Int8Array'),
  isInt16Array: isKind('Int16Array'),
  isInt32Array: isKind('Int32Array'),
  isFloat32Array: isKind('Float32Array'),
  isFloat64Array: isKind('Float64Array'),
  isBigInt64Array: isKind('BigInt64Array'),
  isBigUint64Array: isKind('BigUint64Array'),
};

export default types;

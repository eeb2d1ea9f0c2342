// `timers`: the global ones under another name, looked up when called.

import promises from './timers/promises.js';

const NAMES = ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'setInterval', 'clearInterval'];

export default {
  ...Object.fromEntries(NAMES.map(name => [name, (...args) => globalThis[name](...args)])),
  promises,
};

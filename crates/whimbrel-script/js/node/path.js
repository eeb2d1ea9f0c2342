// `path`: file paths as text, in the spelling of the platform the tool runs on.
//
// The platform is asked for at each call: this file is evaluated before the host is known. Hence the default
// object is a third one beside `path.posix` and `path.win32`, where Node.js has one of the two.

import { host } from './host.js';
import posix from './path/posix.js';
import win32 from './path/win32.js';

Object.assign(posix, { posix, win32 });
Object.assign(win32, { posix, win32 });

const current = () => (host.osInfo().platform === 'win32' ? win32 : posix);

const path = {};
for (const name of Object.keys(posix)) {
  if (typeof posix[name] === 'function') path[name] = (...args) => current()[name](...args);
  else Object.defineProperty(path, name, { get: () => current()[name], enumerable: true, configurable: true });
}

export default path;

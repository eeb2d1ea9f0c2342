// Between paths and `file:` URLs.

import { host } from '../host.js';
import { invalidArgType, invalidArgValue, nodeError } from '../errors.js';
import path from '../path.js';
import { URL } from './url.js';

const isUrl = value => value !== null && typeof value === 'object' && typeof value.href === 'string' && typeof value.protocol === 'string';
const platform = () => host.osInfo?.().platform ?? 'linux';
const invalidPath = text => nodeError(TypeError, 'ERR_INVALID_FILE_URL_PATH', `File URL path ${text}`);

export function fileURLToPath(given, options) {
  const url = typeof given === 'string' ? new URL(given) : given;
  if (!isUrl(url)) throw invalidArgType('path', ['string', 'URL'], given);
  if (url.protocol !== 'file:') throw nodeError(TypeError, 'ERR_INVALID_URL_SCHEME', 'The URL must be of scheme file');
  return options?.windows ?? platform() === 'win32' ? windowsPath(url) : posixPath(url);
}

function posixPath({ hostname, pathname }) {
  if (hostname !== '') {
    throw nodeError(TypeError, 'ERR_INVALID_FILE_URL_HOST', `File URL host must be "localhost" or empty on ${platform()}`);
  }
  if (/%2f/i.test(pathname)) throw invalidPath('must not include encoded / characters');
  return decodeURIComponent(pathname);
}

function windowsPath({ hostname, pathname }) {
  if (/%2f|%5c/i.test(pathname)) throw invalidPath('must not include encoded \\ or / characters');
  const local = decodeURIComponent(pathname.replaceAll('/', '\\'));
  if (hostname !== '') return `\\\\${hostname}${local}`;
  if (!/^\\[a-z]:/i.test(local)) throw invalidPath('must be absolute');
  return local.slice(1);
}

// What the parser would not escape by itself, or take for something else.
const ESCAPED = /[%\\\n\r\t?#[\]^|~]/g;
const escapeOne = character => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

export function pathToFileURL(given, options) {
  if (typeof given !== 'string') throw invalidArgType('path', 'string', given);
  const isWindows = options?.windows ?? platform() === 'win32';
  const { resolve } = isWindows ? path.win32 : path.posix;
  const escaped = text => text.replace(ESCAPED, escapeOne);
  if (isWindows && given.startsWith('\\\\')) return networkUrl(given, escaped);
  let absolute = resolve(given);
  // Resolving drops a slash at the end, and it means something here.
  if (/[/]$/.test(given) || (isWindows && given.endsWith('\\'))) absolute = absolute.replace(/[\\/]?$/, isWindows ? '\\' : '/');
  if (!isWindows) return new URL(`file://${escaped(absolute)}`);
  return new URL(`file:///${escaped(absolute.replaceAll('\\', '/'))}`);
}

function networkUrl(given, escaped) {
  const [, server, share] = /^\\\\([^\\]*)(.*)$/s.exec(given);
  if (server === '') throw invalidArgValue('path', given, 'Empty UNC servername');
  if (share === '') throw invalidArgValue('path', given, 'Missing UNC resource path');
  return new URL(`file://${server}${escaped(share.replaceAll('\\', '/'))}`);
}

// Errors of the system, and the way every operation takes to the host.

import { host } from '../host.js';
import { nodeError } from '../errors.js';
import path from '../path.js';

/** Runs an operation of the host; its errors name the path as the script wrote it. */
export function perform(operation, given, args = {}) {
  const target = operation === 'mkdtemp' ? prefixOf(given) : path.resolve(given);
  const to = args.to === undefined ? {} : { to: path.resolve(args.to) };
  try {
    return host.fs(operation, target, { ...args, ...to });
  } catch (thrown) {
    if (thrown instanceof Error || typeof thrown?.code !== 'string') throw thrown;
    const shown = new Map([[target, given], [`${target}XXXXXX`, `${given}XXXXXX`], [to.to, args.to]]);
    throw systemError({
      ...thrown,
      path: shown.get(thrown.path) ?? thrown.path,
      dest: shown.get(thrown.dest) ?? thrown.dest,
    });
  }
}

/** An absolute prefix of names; resolving alone would swallow a separator at its end. */
export const prefixOf = given => (/[/\\]$/.test(given) ? `${path.resolve(given)}${path.sep}` : path.resolve(given));

/** `ENOENT: no such file or directory, open '/x'`; a refusal keeps the text it came with. */
export function systemError({ code, errno, syscall, message, path: from, dest }) {
  const names = (from === undefined ? '' : ` '${from}'`) + (dest === undefined ? '' : ` -> '${dest}'`);
  const error = new Error(code === 'ERR_ACCESS_DENIED' ? message : `${code}: ${message}, ${syscall}${names}`);
  for (const [name, value] of Object.entries({ errno, code, syscall, path: from, dest })) {
    if (value !== undefined) error[name] = value;
  }
  return error;
}

export const badDescriptor = syscall => systemError({ code: 'EBADF', errno: -9, syscall, message: 'bad file descriptor' });

/** What Node.js itself finds wrong with a path (`rm`, `cp`), worded like a system error. */
export function pathError(code, text, info) {
  const error = nodeError(Error, code, `${text}: ${info.syscall} returned ${info.code} (${info.message}) ${info.path}`);
  Object.defineProperty(error, 'name', { value: 'SystemError', enumerable: false, writable: true, configurable: true });
  return Object.assign(error, { info, errno: info.errno, syscall: info.syscall, path: info.path });
}

/** A function in the place of what a migration cannot do. */
export function refused(name, instead) {
  return { [name]: () => { throw nodeError(Error, 'ERR_NOT_OFFERED', `fs.${name} is not offered in a migration: ${instead}`); } };
}

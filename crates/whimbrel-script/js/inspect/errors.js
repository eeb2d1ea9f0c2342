// Errors as `inspect` shows them: heading, stack, then whatever else they carry.
//
// V8 keeps heading and frames in one `stack`, QuickJS keeps only the frames there; both come out alike.

import { prefixOf } from './prefix.js';

const FRAMES = '\n    at';
// A shared run of frames is worth shortening from this length on.
const SHARED_FRAMES = 4;

function headingOf(error) {
  try {
    const plain = Error.prototype.toString.call(error);
    // Errors of the built-in modules put their code into their own text, as those of Node.js do.
    const own = typeof error.code === 'string' ? String(error) : plain;
    return own === `${error.name} [${error.code}]: ${error.message}` ? own : plain;
  } catch {
    return 'Error';
  }
}

// Frames of the engine itself say nothing to the author of a migration.
const isForeign = line => !line.includes('whimbrel:') && !line.endsWith('(native)');

function stackOf(error) {
  const stack = error.stack ? String(error.stack) : headingOf(error);
  if (!/^\s+at /.test(stack)) return stack;
  return [headingOf(error), ...stack.trimEnd().split('\n').filter(isForeign)].join('\n');
}

// Puts the class into the heading of a regular error: it is what people look for, and `name` is often
// merely inherited.
function withClass(stack, error, className, tag) {
  const name = error.name != null ? String(error.name) : 'Error';
  const shown = prefixOf(className, tag, 'Error').trimEnd();
  const endsHeading = ['', ':', '\n'].includes(stack.charAt(name.length));
  if (className !== null && !(name.endsWith('Error') && stack.startsWith(name) && endsHeading)) return stack;
  if (name === shown) return stack;
  const rest = stack.startsWith(name) ? stack.slice(name.length) : `: ${stack}`;
  return (shown.includes(name) ? shown : `${shown} [${name}]`) + rest;
}

// Frames that the cause shows as well are cut down to the first and last of them.
function shorten(frames, cause) {
  if (!(cause instanceof Error)) return frames;
  const causeFrames = stackOf(cause).split('\n');
  for (let i = 0; i + SHARED_FRAMES <= frames.length; i++) {
    const at = causeFrames.indexOf(frames[i]);
    if (at === -1) continue;
    let length = 1;
    while (i + length < frames.length && frames[i + length] === causeFrames[at + length]) length += 1;
    if (length < SHARED_FRAMES) continue;
    const note = `    ... ${length - 2} lines matching cause stack trace ...`;
    return [...frames.slice(0, i + 1), note, ...frames.slice(i + length - 1)];
  }
  return frames;
}

/** The shape of an error; `keys` are its own keys. */
export function errorShape(error, { name, tag, showHidden, indentation }, keys) {
  const stack = stackOf(error);
  // What the stack says already is not said again.
  const isSaid = key => ['name', 'message', 'stack'].includes(key) && stack.includes(String(error[key]));
  const shown = showHidden ? [...keys] : keys.filter(key => !isSaid(key));
  if ('cause' in error && !shown.includes('cause')) shown.push('cause');
  if (Array.isArray(error.errors) && !shown.includes('errors')) shown.push('errors');

  const text = withClass(stack, error, name, tag);
  // The message may itself look like a frame, so the search starts behind it.
  const start = text.indexOf(FRAMES, error.message ? text.indexOf(error.message) + error.message.length : 0);
  const frames = start === -1 ? [] : shorten(text.slice(start + 1).split('\n'), error.cause);
  const lines = start === -1 ? `[${text}]` : [text.slice(0, start), ...frames].join('\n');
  const base = lines.replaceAll('\n', `\n${' '.repeat(indentation)}`);
  return { base, bare: base, keys: shown };
}

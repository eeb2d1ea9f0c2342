'use strict';
// Errors of a migration in the application's process, and whose they are.

const { pathToFileURL } = require('node:url');

/** Something that says all there is to say: it needs no stack. */
class Unusable extends Error {
  constructor(message, hint) {
    super(message);
    this.hint = hint;
  }
}

/** The run stopped it: nothing was sent. */
class WhimbrelStoppedError extends Error {
  get name() { return 'WhimbrelStoppedError'; }
}

/** Whether an error was thrown by code of a file, as far as its stack tells. */
function thrownBy(file, error) {
  const { stack } = error ?? {};
  if (typeof stack !== 'string') return false;
  const names = [file, pathToFileURL(file).href].flatMap(name => [`${name}:`, `${name}?`]);
  // The message may name the file as well, whoever wrote it.
  return stack.split('\n').some(line => /^\s+at /.test(line) && names.some(name => line.includes(name)));
}

module.exports = { Unusable, WhimbrelStoppedError, thrownBy };

'use strict';

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

module.exports = { Unusable, WhimbrelStoppedError };

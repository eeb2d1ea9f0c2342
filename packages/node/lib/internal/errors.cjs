'use strict';
// The one class of errors that the package throws.

class WhimbrelError extends Error {
  /** `facts` as the engine tells them: `code`, `causes`, `hints`, `exitCode`, `report`; or a `cause` that was caught. */
  constructor(message, { code, cause, causes = [], hints = [], exitCode = 2, report } = {}) {
    super(message);
    this.code = code;
    const chain = cause ?? chainOf(causes);
    if (chain !== undefined) Object.defineProperty(this, 'cause', { value: chain, configurable: true, writable: true });
    if (hints.length > 0) this.hint = hints.join('\n');
    this.exitCode = exitCode;
    // For programs; people would have to look for the hint among it.
    if (report !== undefined) Object.defineProperty(this, 'report', { value: report, configurable: true, writable: true });
  }

  get name() {
    return 'WhimbrelError';
  }

  /** The error with its causes and the next steps, a line each, as the command line shows it. */
  explain() {
    const lines = [`error: ${this.message}`];
    for (let { cause } = this; cause instanceof Error; { cause } = cause) lines.push(`caused by: ${cause.message}`);
    for (const hint of this.hint?.split('\n') ?? []) lines.push(`hint: ${hint}`);
    return lines.join('\n');
  }
}

/** What the engine tells of causes are texts; an error has errors. */
function chainOf(causes) {
  return causes.reduceRight((cause, message) => {
    const error = new Error(message);
    error.stack = `Error: ${message}`;
    if (cause) Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true });
    return error;
  }, undefined);
}

module.exports = { WhimbrelError };

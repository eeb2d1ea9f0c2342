// The driver's error classes, and how an error that Rust reports becomes one of them.
//
// Rust hands over plain facts (`kind`, `message`, `code`, `labels`, the server's reply); the class and
// the properties scripts look at are decided here.

/** Base class of everything the driver throws. */
export class MongoError extends Error {
  #labels = new Set();

  constructor(message, options) {
    super(message, options);
    if (options?.errorLabels) for (const label of options.errorLabels) this.#labels.add(label);
  }

  get name() { return 'MongoError'; }
  get errmsg() { return this.message; }
  hasErrorLabel(label) { return this.#labels.has(label); }
  addErrorLabel(label) { this.#labels.add(label); }
  get errorLabels() { return [...this.#labels]; }
}

/** What the server refused. Carries every field of its reply. */
export class MongoServerError extends MongoError {
  constructor(reply) {
    super(reply.message || reply.errmsg || reply.$err || 'n/a', { errorLabels: reply.errorLabels });
    for (const key of Object.keys(reply)) {
      if (!['errorLabels', 'errmsg', 'message'].includes(key)) this[key] = reply[key];
    }
    this.errorResponse = reply;
  }

  get name() { return 'MongoServerError'; }
}

export class MongoWriteConcernError extends MongoServerError {
  constructor(reply) {
    super({ ...reply, ...reply.writeConcernError, errmsg: reply.writeConcernError?.errmsg });
    this.result = reply;
  }

  get name() { return 'MongoWriteConcernError'; }
}

function subclass(name, Base) {
  const Class = { [name]: class extends Base { get name() { return name; } } }[name];
  return Class;
}

export const MongoDriverError = subclass('MongoDriverError', MongoError);
export const MongoAPIError = subclass('MongoAPIError', MongoDriverError);
export const MongoRuntimeError = subclass('MongoRuntimeError', MongoDriverError);
export const MongoInvalidArgumentError = subclass('MongoInvalidArgumentError', MongoAPIError);
export const MongoCompatibilityError = subclass('MongoCompatibilityError', MongoAPIError);
export const MongoTransactionError = subclass('MongoTransactionError', MongoAPIError);
export const MongoExpiredSessionError = subclass('MongoExpiredSessionError', MongoAPIError);
export const MongoNotConnectedError = subclass('MongoNotConnectedError', MongoAPIError);
export const MongoCursorInUseError = subclass('MongoCursorInUseError', MongoAPIError);
export const MongoCursorExhaustedError = subclass('MongoCursorExhaustedError', MongoAPIError);
export const MongoUnexpectedServerResponseError =
  subclass('MongoUnexpectedServerResponseError', MongoRuntimeError);
export const MongoNetworkError = subclass('MongoNetworkError', MongoError);
export const MongoNetworkTimeoutError = subclass('MongoNetworkTimeoutError', MongoNetworkError);
export const MongoSystemError = subclass('MongoSystemError', MongoError);
export const MongoServerSelectionError = subclass('MongoServerSelectionError', MongoSystemError);

/** One failed operation of a bulk write. */
export class WriteError {
  constructor(err) { this.err = err; }
  get code() { return this.err.code; }
  get index() { return this.err.index; }
  get errmsg() { return this.err.errmsg; }
  get errInfo() { return this.err.errInfo; }
  getOperation() { return this.err.op; }
  toJSON() { return { code: this.err.code, index: this.err.index, errmsg: this.err.errmsg, op: this.err.op }; }
  toString() { return `WriteError(${JSON.stringify(this.toJSON())})`; }
}

/** A bulk write of which some operations failed; `result` says what the others did. */
export class MongoBulkWriteError extends MongoServerError {
  constructor(error, result) {
    super(error);
    this.result = result;
    this.writeErrors = error.writeErrors ?? [];
    Object.defineProperty(this, 'err', { value: error });
  }

  get name() { return 'MongoBulkWriteError'; }
  get insertedCount() { return this.result.insertedCount; }
  get matchedCount() { return this.result.matchedCount; }
  get modifiedCount() { return this.result.modifiedCount; }
  get deletedCount() { return this.result.deletedCount; }
  get upsertedCount() { return this.result.upsertedCount; }
  get insertedIds() { return this.result.insertedIds; }
  get upsertedIds() { return this.result.upsertedIds; }
}

/** The error a script sees for what Rust reports. What is no report is passed on as it is. */
export function fromReport(report) {
  if (report === null || typeof report !== 'object' || typeof report.whimbrelKind !== 'string') return report;
  const { whimbrelKind: kind, message, labels, reply } = report;
  const options = { errorLabels: labels };
  switch (kind) {
    case 'server': {
      const facts = reply ?? {};
      if (facts.writeConcernError && facts.ok) return new MongoWriteConcernError(facts);
      const error = new MongoServerError(facts.errmsg || facts.$err ? facts : { ...facts, message });
      if (error.code === undefined && report.code !== undefined) error.code = report.code;
      if (error.codeName === undefined && report.codeName) error.codeName = report.codeName;
      for (const label of labels) error.addErrorLabel(label);
      return error;
    }
    case 'network': return new MongoNetworkError(message, options);
    case 'selection': return new MongoServerSelectionError(message, options);
    case 'transaction': return new MongoTransactionError(message, options);
    case 'argument': return new MongoInvalidArgumentError(message, options);
    default: return new MongoRuntimeError(message, options);
  }
}

export function invalid(message) {
  return new MongoInvalidArgumentError(message);
}

/** For what is deliberately not offered in a migration. */
export function notOffered(what, instead) {
  return new MongoAPIError(`${what} is not offered in a migration${instead ? `: ${instead}` : ''}`);
}

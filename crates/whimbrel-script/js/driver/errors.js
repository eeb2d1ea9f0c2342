// The driver's error classes.
//
// Scripts test `instanceof`, `name`, `code` and labels, so the tree is that of the official driver. `instanceof` also
// holds for errors of another copy of the driver: our own classes go by the name of the class (`Family`).

const own = new Set();

/** Whether one of the prototypes of `value` belongs to a class called `name`. */
function isOfFamily(value, name) {
  if (!(value instanceof Error)) return false;
  for (let p = Object.getPrototypeOf(value); p !== null && p !== Error.prototype; p = Object.getPrototypeOf(p)) {
    if (Object.hasOwn(p, 'constructor') && p.constructor?.name === name) return true;
  }
  return false;
}

/** The text of an error that was given as text, or as several errors in one. */
function textOf(message) {
  if (typeof message === 'string') return message;
  if (Array.isArray(message?.errors) && !message.message) return message.errors.map(error => error.message).join(', ');
  return `${message}`;
}

/** Base class of everything the driver throws. */
export class MongoError extends Error {
  constructor(message, options) {
    super(textOf(message), options);
    this.errorLabelSet = new Set();
  }

  static [Symbol.hasInstance](value) {
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
    return own.has(this) && isOfFamily(value, this.name);
  }

  get name() { return 'MongoError'; }
  get errmsg() { return this.message; }
  get errorLabels() { return [...this.errorLabelSet]; }
  hasErrorLabel(label) { return this.errorLabelSet.has(label); }
  addErrorLabel(label) { this.errorLabelSet.add(label); }
}

const NOT_COPIED = new Set(['errorLabels', 'errmsg', 'message']);

/** What the server refused. Carries every field of its reply. */
export class MongoServerError extends MongoError {
  constructor(reply) {
    super(reply.message || reply.errmsg || reply.$err || 'n/a');
    for (const label of reply.errorLabels ?? []) this.addErrorLabel(label);
    this.errorResponse = reply;
    for (const key of Object.keys(reply)) if (!NOT_COPIED.has(key)) this[key] = reply[key];
  }

  get name() { return 'MongoServerError'; }
}

/** The write happened, but not as safely as was asked for. */
export class MongoWriteConcernError extends MongoServerError {
  constructor(result) {
    super({ ...result.writeConcernError, ...result });
    this.errInfo = result.writeConcernError.errInfo;
    this.result = result;
  }

  get name() { return 'MongoWriteConcernError'; }
}

/** A bulk write of which some operations failed; `result` says what the others did. */
export class MongoBulkWriteError extends MongoServerError {
  constructor(error, result) {
    super(error);
    this.writeErrors = error.writeErrors ?? [];
    if (!(error instanceof Error)) this.code = error.code;
    if (error.constructor?.name === 'WriteConcernError') this.err = error;
    else if (!(error instanceof Error) && error.err !== undefined) this.err = error.err;
    this.result = result;
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

/** A `client.bulkWrite()` of which some operations failed. */
export class MongoClientBulkWriteError extends MongoServerError {
  constructor(message) {
    super(message);
    this.writeConcernErrors = [];
    this.writeErrors = new Map();
  }

  get name() { return 'MongoClientBulkWriteError'; }
}

/** The connection broke, or never came about. */
export class MongoNetworkError extends MongoError {
  constructor(message, options) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.beforeHandshake = Boolean(options?.beforeHandshake);
  }

  get name() { return 'MongoNetworkError'; }
}

/** Something around the database, such as that no server could be found; `reason` says what was known of them. */
export class MongoSystemError extends MongoError {
  constructor(message, reason) {
    super(reason?.error ? reason.error.message || reason.error : message, reason?.error ? { cause: reason.error } : undefined);
    if (reason) this.reason = reason;
    this.code = reason?.error?.code;
  }

  get name() { return 'MongoSystemError'; }
}

/** Makes the simple classes: a name, a base, and for some the text they have when none is given. */
function subclass(name, Base, text) {
  return {
    [name]: class extends Base {
      constructor(message = text) { super(message); }
      get name() { return name; }
    },
  }[name];
}

/** As `subclass`, for those that may be made with `{ cause }`. */
function subclassWithCause(name, Base) {
  return { [name]: class extends Base { get name() { return name; } } }[name];
}

export const MongoDriverError = subclassWithCause('MongoDriverError', MongoError);
export const MongoAPIError = subclassWithCause('MongoAPIError', MongoDriverError);
export const MongoRuntimeError = subclassWithCause('MongoRuntimeError', MongoDriverError);
export const MongoParseError = subclass('MongoParseError', MongoDriverError);
export const MongoOperationTimeoutError = subclassWithCause('MongoOperationTimeoutError', MongoDriverError);

export const MongoInvalidArgumentError = subclassWithCause('MongoInvalidArgumentError', MongoAPIError);
export const MongoCompatibilityError = subclass('MongoCompatibilityError', MongoAPIError);
export const MongoTransactionError = subclass('MongoTransactionError', MongoAPIError);
export const MongoNotConnectedError = subclass('MongoNotConnectedError', MongoAPIError);
export const MongoMissingCredentialsError = subclass('MongoMissingCredentialsError', MongoAPIError);
export const MongoExpiredSessionError = subclass('MongoExpiredSessionError', MongoAPIError, 'Cannot use a session that has ended');
export const MongoCursorInUseError = subclass('MongoCursorInUseError', MongoAPIError, 'Cursor is already initialized');
export const MongoCursorExhaustedError = subclass('MongoCursorExhaustedError', MongoAPIError, 'Cursor is exhausted');
export const MongoBatchReExecutionError =
  subclass('MongoBatchReExecutionError', MongoAPIError, 'This batch has already been executed, create new batch to execute');
export const MongoTailableCursorError =
  subclass('MongoTailableCursorError', MongoAPIError, 'Tailable cursor does not support this operation');
export const MongoServerClosedError = subclass('MongoServerClosedError', MongoAPIError, 'Server is closed');
export const MongoTopologyClosedError = subclass('MongoTopologyClosedError', MongoAPIError, 'Topology is closed');
export class MongoClientClosedError extends MongoAPIError {
  constructor() { super('Operation interrupted because client was closed'); }
  get name() { return 'MongoClientClosedError'; }
}
export class MongoMissingDependencyError extends MongoAPIError {
  constructor(message, options) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.dependencyName = options?.dependencyName;
  }

  get name() { return 'MongoMissingDependencyError'; }
}

export const MongoUnexpectedServerResponseError = subclassWithCause('MongoUnexpectedServerResponseError', MongoRuntimeError);
export const MongoStalePrimaryError = subclassWithCause('MongoStalePrimaryError', MongoRuntimeError);
export const MongoChangeStreamError = subclass('MongoChangeStreamError', MongoRuntimeError);
export const MongoDecompressionError = subclass('MongoDecompressionError', MongoRuntimeError);
export const MongoGridFSChunkError = subclass('MongoGridFSChunkError', MongoRuntimeError);
export const MongoGridFSStreamError = subclass('MongoGridFSStreamError', MongoRuntimeError);
export const MongoKerberosError = subclass('MongoKerberosError', MongoRuntimeError);
export const MongoAWSError = subclassWithCause('MongoAWSError', MongoRuntimeError);
export const MongoOIDCError = subclass('MongoOIDCError', MongoRuntimeError);
export const MongoAzureError = subclass('MongoAzureError', MongoOIDCError);
export const MongoGCPError = subclass('MongoGCPError', MongoOIDCError);
export const MongoClientBulkWriteCursorError = subclass('MongoClientBulkWriteCursorError', MongoRuntimeError);
export const MongoClientBulkWriteExecutionError = subclass('MongoClientBulkWriteExecutionError', MongoRuntimeError);

export const MongoNetworkTimeoutError = subclassWithCause('MongoNetworkTimeoutError', MongoNetworkError);
export const MongoServerSelectionError = subclassWithCause('MongoServerSelectionError', MongoSystemError);

export const MongoCryptError = subclassWithCause('MongoCryptError', MongoError);
export const MongoCryptInvalidArgumentError = subclass('MongoCryptInvalidArgumentError', MongoCryptError);
export const MongoCryptKMSRequestNetworkTimeoutError = subclassWithCause('MongoCryptKMSRequestNetworkTimeoutError', MongoCryptError);
export class MongoCryptAzureKMSRequestError extends MongoCryptError {
  constructor(message, body) {
    super(message);
    this.body = body;
  }

  get name() { return 'MongoCryptAzureKMSRequestError'; }
}
export class MongoCryptCreateDataKeyError extends MongoCryptError {
  constructor(encryptedFields, { cause }) {
    super(`Unable to complete creating data keys: ${cause.message}`, { cause });
    this.encryptedFields = encryptedFields;
  }

  get name() { return 'MongoCryptCreateDataKeyError'; }
}
export class MongoCryptCreateEncryptedCollectionError extends MongoCryptError {
  constructor(encryptedFields, { cause }) {
    super(`Unable to create collection: ${cause.message}`, { cause });
    this.encryptedFields = encryptedFields;
  }

  get name() { return 'MongoCryptCreateEncryptedCollectionError'; }
}

/** Every class above, by name: what the module `mongodb` exports. */
export const errorClasses = {
  MongoBulkWriteError, MongoAPIError, MongoAWSError, MongoAzureError, MongoBatchReExecutionError, MongoChangeStreamError,
  MongoClientBulkWriteCursorError, MongoClientBulkWriteError, MongoClientBulkWriteExecutionError, MongoClientClosedError,
  MongoCompatibilityError, MongoCursorExhaustedError, MongoCursorInUseError, MongoDecompressionError, MongoDriverError, MongoError,
  MongoExpiredSessionError, MongoGCPError, MongoGridFSChunkError, MongoGridFSStreamError, MongoInvalidArgumentError,
  MongoKerberosError, MongoMissingCredentialsError, MongoMissingDependencyError, MongoNetworkError, MongoNetworkTimeoutError,
  MongoNotConnectedError, MongoOIDCError, MongoOperationTimeoutError, MongoParseError, MongoRuntimeError, MongoServerClosedError,
  MongoServerError, MongoServerSelectionError, MongoStalePrimaryError, MongoSystemError, MongoTailableCursorError,
  MongoTopologyClosedError, MongoTransactionError, MongoUnexpectedServerResponseError, MongoWriteConcernError,
  MongoCryptAzureKMSRequestError, MongoCryptCreateDataKeyError, MongoCryptCreateEncryptedCollectionError, MongoCryptError,
  MongoCryptInvalidArgumentError, MongoCryptKMSRequestNetworkTimeoutError,
};
for (const Class of Object.values(errorClasses)) own.add(Class);

export function invalid(message) {
  return new MongoInvalidArgumentError(message);
}

/** For what is deliberately not offered in a migration. */
export function notOffered(what, instead) {
  const error = new MongoAPIError(`${what} is not offered in a migration: ${instead}`);
  error.code = 'ERR_NOT_OFFERED';
  return error;
}

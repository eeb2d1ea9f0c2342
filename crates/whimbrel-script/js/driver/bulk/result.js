// What a bulk write did, and what went wrong in it.

import { EJSON } from '../../ejson.js';

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

/** A write that happened, but not as safely as was asked for. */
export class WriteConcernError {
  constructor(error) { this.serverError = error; }
  get code() { return this.serverError.code; }
  get errmsg() { return this.serverError.errmsg; }
  get errInfo() { return this.serverError.errInfo; }
  toJSON() { return this.serverError; }
  toString() { return `WriteConcernError(${this.errmsg})`; }
}

/** The server's code for a write concern that failed in several ways. */
const WRITE_CONCERN_FAILED = 64;

/** The totals of a bulk write that has done nothing yet. */
export function emptyTotals() {
  return {
    ok: 1, writeErrors: [], writeConcernErrors: [], insertedIds: [], nInserted: 0, nUpserted: 0, nMatched: 0, nModified: 0,
    nRemoved: 0, upserted: [],
  };
}

export class BulkWriteResult {
  constructor(totals, isOrdered) {
    Object.defineProperty(this, 'result', { value: totals, enumerable: false });
    this.insertedCount = totals.nInserted ?? 0;
    this.matchedCount = totals.nMatched ?? 0;
    this.modifiedCount = totals.nModified ?? 0;
    this.deletedCount = totals.nRemoved ?? 0;
    this.upsertedCount = totals.upserted.length ?? 0;
    this.upsertedIds = byIndex(totals.upserted);
    this.insertedIds = byIndex(inserted(totals, isOrdered));
  }

  get ok() { return this.result.ok; }
  getUpsertedIdAt(index) { return this.result.upserted[index]; }
  getRawResponse() { return this.result; }
  hasWriteErrors() { return this.result.writeErrors.length > 0; }
  getWriteErrorCount() { return this.result.writeErrors.length; }
  getWriteErrorAt(index) { return this.result.writeErrors[index]; }
  getWriteErrors() { return this.result.writeErrors; }
  getSuccessfullyInsertedIds(totals, isOrdered) { return inserted(totals, isOrdered); }

  getWriteConcernError() {
    const errors = this.result.writeConcernErrors;
    if (errors.length < 2) return errors[0];
    return new WriteConcernError({ errmsg: errors.map(error => error.errmsg).join(' and '), code: WRITE_CONCERN_FAILED });
  }

  toString() { return `BulkWriteResult(${EJSON.stringify(this.result)})`; }
  isOk() { return this.result.ok === 1; }
}

const byIndex = entries => Object.fromEntries(entries.map(({ index, _id }) => [index, _id]));

/** The documents that were inserted: of ordered operations those before the first that failed. */
function inserted({ writeErrors, insertedIds }, isOrdered) {
  if (writeErrors.length === 0) return insertedIds;
  // As the driver cuts them: by the number of the failed operation, though not every operation inserts.
  if (isOrdered) return insertedIds.slice(0, writeErrors[0].index);
  const failed = new Set(writeErrors.map(error => error.index));
  return insertedIds.filter(({ index }) => !failed.has(index));
}

// How an error that Rust reports becomes one of the driver's.
//
// Rust hands over plain facts (`kind`, `message`, `code`, `labels`, the server's reply); the class and the properties
// scripts look at are decided here.

import { BSONError } from '../bson/errors.js';
import {
  MongoInvalidArgumentError, MongoNetworkError, MongoRuntimeError, MongoServerError, MongoServerSelectionError,
  MongoTransactionError, MongoUnexpectedServerResponseError, MongoWriteConcernError,
} from './errors.js';

function serverError(report) {
  const facts = report.reply ?? {};
  if (facts.writeConcernError && facts.ok) return new MongoWriteConcernError(facts);
  const error = new MongoServerError(facts.errmsg || facts.$err || facts.message ? facts : { ...facts, message: report.message });
  if (error.code === undefined && report.code !== undefined) error.code = report.code;
  if (error.codeName === undefined && report.codeName) error.codeName = report.codeName;
  return error;
}

function errorOf(report) {
  const { whimbrelKind: kind, message } = report;
  switch (kind) {
    case 'server': return serverError(report);
    case 'network': return new MongoNetworkError(message);
    case 'selection': return new MongoServerSelectionError(message);
    case 'transaction': return new MongoTransactionError(message);
    case 'argument': return new MongoInvalidArgumentError(message);
    // The reply to a cursor's command had no cursor.
    case 'response': {
      const missing = 'BSON element "cursor" is missing';
      const cause = new MongoUnexpectedServerResponseError(missing, { cause: new BSONError(missing) });
      return new MongoUnexpectedServerResponseError(cause.message, { cause });
    }
    default: return new MongoRuntimeError(message);
  }
}

/** The error a script sees for what Rust reports. What is no report is passed on as it is. */
export function fromReport(report) {
  if (report === null || typeof report !== 'object' || typeof report.whimbrelKind !== 'string') return report;
  const error = errorOf(report);
  for (const label of report.labels ?? []) error.addErrorLabel(label);
  return error;
}

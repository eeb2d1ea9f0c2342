'use strict';
// What Whimbrel records of a thrown value.

const { inspect } = require('util');

/** A field of an error as text; scripts may have put anything there. */
function textOf(value, otherwise) {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? otherwise : inspect(value);
}

function labelsOf(error) {
  if (Array.isArray(error.errorLabels)) return error.errorLabels.filter(label => typeof label === 'string');
  return [];
}

/** The lines of a stack below the message. */
function framesOf(error) {
  return textOf(error.stack, '').split('\n').filter(line => /^\s+at /.test(line)).join('\n');
}

const isError = value => value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';

function describe(thrown) {
  if (!isError(thrown)) {
    return { name: '', message: typeof thrown === 'string' ? thrown : inspect(thrown), labels: [], stack: '' };
  }
  const { code, codeName } = thrown;
  const inner = [thrown.cause, ...(Array.isArray(thrown.errors) ? thrown.errors : [])].filter(isError);
  return {
    name: textOf(thrown.name, 'Error'),
    message: textOf(thrown.message, ''),
    code: typeof code === 'number' || typeof code === 'string' ? code : undefined,
    codeName: typeof codeName === 'string' ? codeName : undefined,
    labels: labelsOf(thrown),
    stack: framesOf(thrown),
    cause: inner.length > 0 ? inner.map(error => `${textOf(error.name, 'Error')}: ${textOf(error.message, '')}`).join('\n  caused by ') : undefined,
  };
}

module.exports = { describe };

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

/** The lines of a stack below the message. An error of linking modules has its place above it. */
function framesOf(error) {
  const stack = textOf(error.stack, '');
  const above = /^(file:\/\/\S+:\d+)\n/.exec(stack)?.[1];
  const frames = stack.split('\n').filter(line => /^\s+at /.test(line));
  return (above ? [`    at ${above}:1`, ...frames] : frames).join('\n');
}

const isError = value => value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';

/** Whatever was thrown, even where looking at it throws. */
function describe(thrown) {
  try {
    return facts(thrown);
  } catch {
    return { name: '', message: 'something was thrown that cannot be shown', labels: [], stack: '' };
  }
}

function facts(thrown) {
  if (!isError(thrown)) {
    return { name: '', message: typeof thrown === 'string' ? thrown : inspect(thrown), labels: [], stack: '' };
  }
  const { code, codeName } = thrown;
  const told = error => `${textOf(error.name, 'Error')}: ${textOf(error.message, '')}`;
  const inner = [thrown.cause, ...(Array.isArray(thrown.errors) ? thrown.errors : [])].filter(isError).map(told).filter(text => text !== told(thrown));
  return {
    name: textOf(thrown.name, 'Error'),
    message: textOf(thrown.message, ''),
    code: typeof code === 'number' || typeof code === 'string' ? code : undefined,
    codeName: typeof codeName === 'string' ? codeName : undefined,
    labels: labelsOf(thrown),
    stack: framesOf(thrown),
    cause: inner.length > 0 ? inner.join('\n  caused by ') : undefined,
  };
}

module.exports = { describe };

// The errors of streams, in the words of Node.js.

import { describeReceived, nodeError } from '../errors.js';

export const notImplemented = method => nodeError(Error, 'ERR_METHOD_NOT_IMPLEMENTED', `The ${method} method is not implemented`);
export const multipleCallback = () => nodeError(Error, 'ERR_MULTIPLE_CALLBACK', 'Callback called multiple times');
export const prematureClose = () => nodeError(Error, 'ERR_STREAM_PREMATURE_CLOSE', 'Premature close');
export const pushAfterEnd = () => nodeError(Error, 'ERR_STREAM_PUSH_AFTER_EOF', 'stream.push() after EOF');
export const unshiftAfterEnd = () => nodeError(Error, 'ERR_STREAM_UNSHIFT_AFTER_END_EVENT', 'stream.unshift() after end event');
export const writeAfterEnd = () => nodeError(Error, 'ERR_STREAM_WRITE_AFTER_END', 'write after end');
export const cannotPipe = () => nodeError(Error, 'ERR_STREAM_CANNOT_PIPE', 'Cannot pipe, not readable');
export const nullValues = () => nodeError(TypeError, 'ERR_STREAM_NULL_VALUES', 'May not write null values to stream');
export const alreadyFinished = method =>
  nodeError(Error, 'ERR_STREAM_ALREADY_FINISHED', `Cannot call ${method} after a stream was finished`);
export const destroyed = method =>
  nodeError(Error, 'ERR_STREAM_DESTROYED', `Cannot call ${method} after a stream was destroyed`);
export const unknownEncoding = name => nodeError(TypeError, 'ERR_UNKNOWN_ENCODING', `Unknown encoding: ${name}`);
export const missingArgs = name => nodeError(TypeError, 'ERR_MISSING_ARGS', `The "${name}" argument must be specified`);

export function invalidReturn(expected, name, value) {
  const message = `Expected ${expected} to be returned from the "${name}" function but got ${describeReceived(value)}.`;
  return nodeError(TypeError, 'ERR_INVALID_RETURN_VALUE', message);
}

/** What an aborted operation ends with. */
export function abortError(cause) {
  const error = new Error('The operation was aborted', cause === undefined ? undefined : { cause });
  error.code = 'ABORT_ERR';
  error.name = 'AbortError';
  return error;
}

/** Two failures of one stream as one error: the second does not hide the first. */
export function bothErrors(inner, outer) {
  if (!inner || !outer || inner === outer) return inner || outer;
  if (Array.isArray(outer.errors)) {
    outer.errors.push(inner);
    return outer;
  }
  const error = new AggregateError([outer, inner], outer.message);
  error.code = outer.code;
  return error;
}

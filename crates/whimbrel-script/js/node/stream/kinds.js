// Questions about streams: of which kind, and how far along. Each answers null where the object cannot tell.

/** A stream of ours or an object that behaves like one: the sides are judged by their methods. */
export function isNodeStream(value) {
  return Boolean(value) && Boolean(value._readableState || value._writableState
    || (typeof value.write === 'function' && typeof value.on === 'function')
    || (typeof value.pipe === 'function' && typeof value.on === 'function'));
}

export function isReadableNodeStream(value, strictly = false) {
  return Boolean(value && typeof value.pipe === 'function' && typeof value.on === 'function'
    && (!strictly || (typeof value.pause === 'function' && typeof value.resume === 'function'))
    && (!value._writableState || value._readableState?.readable !== false)
    && (!value._writableState || value._readableState));
}

export function isWritableNodeStream(value) {
  return Boolean(value && typeof value.write === 'function' && typeof value.on === 'function'
    && (!value._readableState || value._writableState?.writable !== false));
}

export function isIterable(value, asynchronously) {
  if (value === null || value === undefined) return false;
  if (asynchronously === true) return typeof value[Symbol.asyncIterator] === 'function';
  if (asynchronously === false) return typeof value[Symbol.iterator] === 'function';
  return typeof value[Symbol.asyncIterator] === 'function' || typeof value[Symbol.iterator] === 'function';
}

export function isDestroyed(stream) {
  if (!isNodeStream(stream)) return null;
  const state = stream._writableState ?? stream._readableState;
  return Boolean(stream.destroyed || state?.destroyed);
}

export function isWritableEnded(stream) {
  if (!isWritableNodeStream(stream)) return null;
  if (stream.writableEnded === true) return true;
  if (stream._writableState?.errored) return false;
  return typeof stream._writableState?.ended === 'boolean' ? stream._writableState.ended : null;
}

export function isWritableFinished(stream, strictly) {
  if (!isWritableNodeStream(stream)) return null;
  if (stream.writableFinished === true) return true;
  const state = stream._writableState;
  if (state?.errored) return false;
  if (typeof state?.finished !== 'boolean') return null;
  return state.finished || (strictly === false && state.ended === true && state.length === 0);
}

export function isReadableFinished(stream, strictly) {
  if (!isReadableNodeStream(stream)) return null;
  const state = stream._readableState;
  if (state?.errored) return false;
  if (typeof state?.endEmitted !== 'boolean') return null;
  return state.endEmitted || (strictly === false && state.ended === true && state.length === 0);
}

function isReadableEnded(stream) {
  const state = stream._readableState;
  if (stream.readableEnded === true) return true;
  if (!state || state.errored) return false;
  return typeof state.ended === 'boolean' ? state.ended : null;
}

export function isReadable(stream) {
  if (typeof stream?.readable !== 'boolean') return null;
  if (isDestroyed(stream)) return false;
  return isReadableNodeStream(stream) && stream.readable && !isReadableFinished(stream);
}

export function isWritable(stream) {
  if (typeof stream?.writable !== 'boolean') return null;
  if (isDestroyed(stream)) return false;
  return isWritableNodeStream(stream) && stream.writable && !isWritableEnded(stream);
}

/** Whether both sides (those that are asked for) are over. */
export function isFinished(stream, options) {
  if (!isNodeStream(stream)) return null;
  if (isDestroyed(stream)) return true;
  if (options?.readable !== false && isReadable(stream)) return false;
  if (options?.writable !== false && isWritable(stream)) return false;
  return true;
}

export const readableError = stream => stream._readableState?.errored ?? null;
export const writableError = stream => stream._writableState?.errored ?? null;

export function isClosed(stream) {
  if (!isNodeStream(stream)) return null;
  if (typeof stream.closed === 'boolean') return stream.closed;
  const states = [stream._writableState, stream._readableState];
  return states.some(state => state?.closed) || null;
}

/** Whether a 'close' is still to be expected of a stream that ends. */
export function willEmitClose(stream) {
  if (!isNodeStream(stream)) return null;
  const state = stream._writableState ?? stream._readableState;
  return Boolean(state && state.autoDestroy && state.emitClose && state.closed === false);
}

/** Whether its 'error' has been told. */
export const isErrored = stream => Boolean(stream && (stream._readableState?.errorEmitted ?? stream._writableState?.errorEmitted));

export function isDisturbed(stream) {
  return Boolean(stream && (stream.readableDidRead || stream.readableAborted || isReadableEnded(stream)));
}

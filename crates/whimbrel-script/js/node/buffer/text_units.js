// Text from code units, in chunks: one call for thousands of characters instead of one for each.

// Engines limit how many arguments a call may have (65535 in this one).
export const CHUNK = 4096;

// From this length on, the way to a host operation and back is shorter than a loop here.
export const NATIVE_FROM = 48;

/** The text of `units[start..end]`, each a UTF-16 code unit. */
export function textOf(units, start, end) {
  const View = units.BYTES_PER_ELEMENT === 1 ? Uint8Array : Uint16Array;
  const offsetOf = at => units.byteOffset + at * units.BYTES_PER_ELEMENT;
  let text = '';
  for (let at = start; at < end; at += CHUNK) {
    // Not `subarray`: of a Buffer that would be a Buffer, made by slower means.
    const part = new View(units.buffer, offsetOf(at), Math.min(CHUNK, end - at));
    text += String.fromCharCode.apply(null, part);
  }
  return text;
}

/** A plain view of `bytes[start..end]`, as host operations take it. */
export const plainView = (bytes, start, end) => new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);

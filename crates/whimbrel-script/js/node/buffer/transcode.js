// `transcode`: the bytes of one encoding as the bytes of another.

import { Buffer } from './class.js';
import { codecOf, codecs } from './encodings.js';
import { checkBytes } from './methods.js';
import { isValidUtf8 } from './utf8.js';

const TEXT_ENCODINGS = [codecs.utf8, codecs.utf16le, codecs.latin1, codecs.ascii];

function failure(code, errno) {
  return Object.assign(new Error(`Unable to transcode Buffer [${code}]`), { code, errno });
}

// ASCII has no upper half here, unlike in `toString('ascii')`, which drops the highest bit. Only on its way
// to UTF-16 is it taken for Latin-1.
function textIn(bytes, codec, target) {
  if (codec !== codecs.ascii) return codec.decode(bytes, 0, bytes.length);
  const text = codecs.latin1.decode(bytes, 0, bytes.length);
  return target === codecs.utf16le ? text : text.replace(/[^\0-\x7f]/g, '\ufffd');
}

// Characters that only steer the layout vanish instead.
const replaced = (text, unknown) => text.replace(unknown, character => (/\p{DI}/u.test(character) ? '' : '?'));

/** What the target cannot express becomes `?`; between UTF-8 and UTF-16 malformed input is an error. */
export function transcode(source, fromEnc, toEnc) {
  checkBytes(source, 'source');
  if (source.length === 0) return Buffer.alloc(0);
  const [from, to] = [fromEnc, toEnc].map(encoding => codecOf(encoding || 'utf8'));
  if (!TEXT_ENCODINGS.includes(from) || !TEXT_ENCODINGS.includes(to)) throw failure('U_ILLEGAL_ARGUMENT_ERROR', 1);
  const text = textIn(source, from, to);
  const isStrict = (from === codecs.utf8 && to === codecs.utf16le) || (from === codecs.utf16le && to === codecs.utf8);
  const isValid = from === codecs.utf8 ? isValidUtf8(source, 0, source.length) : text.isWellFormed();
  if (isStrict && !isValid) throw failure('U_INVALID_CHAR_FOUND', 10);
  if (to === codecs.latin1) return Buffer.from(replaced(text, /[^\0-\xff]/gu), 'latin1');
  if (to === codecs.ascii) return Buffer.from(replaced(text, /[^\0-\x7f]/gu), 'latin1');
  return Buffer.from(text.toWellFormed(), to.name);
}

// `querystring`: `a=1&b=2` to an object and back, as forms write it.

import { toUTF8 } from '../bson/bytes.js';
import buffer from './buffer.js';
import { nodeError } from './errors.js';

function escape(value) {
  const text = typeof value === 'object' ? String(value) : `${value}`;
  if (!text.isWellFormed()) throw nodeError(URIError, 'ERR_INVALID_URI', 'URI malformed');
  return encodeURIComponent(text);
}

// Two hex digits behind a percent sign become a byte, anything else stays; nothing is an error.
function lenientBytes(text, isPlusBlank) {
  const bytes = [];
  for (let i = 0; i < text.length; i++) {
    const digits = text[i] === '%' && /^[0-9a-f]{2}/i.exec(text.slice(i + 1, i + 3))?.[0];
    if (digits) {
      bytes.push(parseInt(digits, 16));
      i += 2;
    } else {
      bytes.push(isPlusBlank && text[i] === '+' ? 0x20 : text.charCodeAt(i) & 0xff);
    }
  }
  return Uint8Array.from(bytes);
}

function unescape(text, isPlusBlank) {
  try {
    return decodeURIComponent(text);
  } catch {
    const bytes = lenientBytes(`${text}`, isPlusBlank);
    return toUTF8(bytes, 0, bytes.length);
  }
}

function primitiveText(value) {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? `${value}` : '';
  return typeof value === 'bigint' || typeof value === 'boolean' ? `${value}` : '';
}

function stringify(object, separator, equals, options) {
  if (object === null || typeof object !== 'object') return '';
  const encode = typeof options?.encodeURIComponent === 'function' ? options.encodeURIComponent : querystring.escape;
  const pair = (key, value) => encode(key) + (equals || '=') + encode(primitiveText(value));
  return Object.entries(object)
    .flatMap(([key, value]) => (Array.isArray(value) ? value.map(item => pair(key, item)) : [pair(key, value)]))
    .join(separator || '&');
}

function decoderOf(options) {
  const own = options?.decodeURIComponent;
  if (typeof own !== 'function') {
    return text => {
      const spaced = text.replaceAll('+', ' ');
      return /%[0-9a-f]{2}/i.test(spaced) ? querystring.unescape(spaced) : spaced;
    };
  }
  // One's own decoder sees blanks as it would see them escaped, and may fail.
  return text => {
    const escaped = text.replaceAll('+', '%20');
    try {
      return own(escaped);
    } catch {
      return querystring.unescape(escaped, true);
    }
  };
}

function parse(text, separator, equals, options) {
  const result = Object.create(null);
  if (typeof text !== 'string' || text === '') return result;
  const between = equals ? `${equals}` : '=';
  const most = typeof options?.maxKeys === 'number' ? options.maxKeys : 1000;
  const decode = decoderOf(options);
  const pairs = text.split(separator ? `${separator}` : '&');
  // Empty ones count, but do not become a key.
  for (const pair of most > 0 ? pairs.slice(0, most) : pairs) {
    if (pair === '') continue;
    const at = pair.indexOf(between);
    const [name, rest] = at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + between.length)];
    const key = name === '' ? '' : decode(name);
    const value = rest === '' ? '' : decode(rest);
    if (!(key in result)) result[key] = value;
    else if (Array.isArray(result[key])) result[key].push(value);
    else result[key] = [result[key], value];
  }
  return result;
}

const querystring = {
  unescapeBuffer: (text, isPlusBlank) => buffer.Buffer.from(lenientBytes(text, isPlusBlank)),
  unescape,
  escape,
  stringify,
  encode: stringify,
  parse,
  decode: parse,
};

export default querystring;

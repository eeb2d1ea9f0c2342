// Strings, keys and numbers as `inspect` prints them. See `../inspect.js`.

const NAMED = { '\b': '\\b', '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r', '\\': '\\\\' };
const UNPRINTABLE = /[\0-\x1f\x7f-\x9f\\]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function escapeCharacter(character) {
  if (NAMED[character] !== undefined) return NAMED[character];
  const code = character.charCodeAt(0).toString(16);
  return code.length > 2 ? `\\u${code}` : `\\x${code.toUpperCase().padStart(2, '0')}`;
}

/** A string in the quotes that need the least escaping: single, double, then backticks. */
export function quote(text) {
  let mark = "'";
  if (text.includes("'")) {
    if (!text.includes('"')) mark = '"';
    else if (!text.includes('`') && !text.includes('${')) mark = '`';
  }
  const escaped = text.replace(UNPRINTABLE, escapeCharacter);
  return mark + (mark === "'" ? escaped.replaceAll("'", "\\'") : escaped) + mark;
}

/** A property name, quoted unless it is a plain identifier. */
export const quoteKey = key => (/^[a-zA-Z_][a-zA-Z_0-9]*$/.test(key) ? key : quote(key));

export const plural = count => (count > 1 ? 's' : '');

export const numberText = number => (Object.is(number, -0) ? '-0' : String(number));

// Columns a text takes in a terminal: two for East Asian wide characters and emoji, none for marks that
// combine with the character before. A coarse table; it only decides how array columns line up.
const WIDE = /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
const NARROWLESS = /[\p{Mn}\p{Me}\u200b-\u200f\ufe00-\ufe0f]/u;

export function textWidth(text) {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text.normalize('NFC')) {
    if (WIDE.test(character)) width += 2;
    else if (!NARROWLESS.test(character)) width += 1;
  }
  return width;
}

// Queries of the old interface: objects of text and lists, in the way of `querystring`.

function decode(text) {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return unescapeLoosely(text.replaceAll('+', ' '));
  }
}

// Bytes that are no UTF-8 are left as they stand, as far as they are not ASCII.
const unescapeLoosely = text =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, part => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part.replace(/%(?:[0-7][0-9a-f])/gi, one => String.fromCharCode(Number.parseInt(one.slice(1), 16))).replace(/(?:%[89a-f][0-9a-f])+/gi, '\ufffd');
    }
  });

export function parseQuery(text) {
  const query = Object.create(null);
  for (const part of text.split('&').slice(0, 1000)) {
    if (part === '') continue;
    const at = part.indexOf('=');
    const name = decode(at === -1 ? part : part.slice(0, at));
    const value = at === -1 ? '' : decode(part.slice(at + 1));
    query[name] = name in query ? [query[name], value].flat() : value;
  }
  return query;
}

const shown = value => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  return typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : '';
};

export const queryText = query =>
  Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map(one => `${encodeURIComponent(name)}=${encodeURIComponent(shown(one))}`)).join('&');

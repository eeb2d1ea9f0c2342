// The old interface: `url.parse`, `url.format`, `url.resolve`, as far as scripts still use it.
//
// It takes an address apart leniently, by its first separators, and knows nothing of the web's rules.

import { host as native } from '../host.js';
import { invalidArgType } from '../errors.js';
import querystring from '../querystring.js';
import { invalidUrl, URL } from './url.js';

const WITH_SLASHES = /^(?:https?|ftp|gopher|file|wss?):?$/;
const HOSTLESS = /^javascript:?$/;
const FORBIDDEN_IN_HOST = /[\0\t\n\r #%/:<>?@[\\\]^|]/;
const LONGEST_HOST = 255;

const escapeOne = one => `%${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

export class Url {
  constructor() {
    Object.assign(this, {
      protocol: null, slashes: null, auth: null, host: null, port: null, hostname: null, hash: null, search: null, query: null,
      pathname: null, path: null, href: null,
    });
  }

  parse(address, parsesQuery, slashesDenoteHost) {
    if (typeof address !== 'string') throw invalidArgType('url', 'string', address);
    const end = address.search(/[?#]/);
    const head = end === -1 ? address : address.slice(0, end);
    let rest = (head.replaceAll('\\', '/') + address.slice(head.length)).trim();
    if (!slashesDenoteHost && !/[#@]/.test(rest) && /^\/{1,2}(?!\/)[^?\s]*(?:\?\S*)?$/.test(rest)) {
      this.#takePath(rest, parsesQuery);
      this.href = rest;
      return this;
    }
    const protocol = /^[a-z0-9.+-]+:/i.exec(rest)?.[0];
    if (protocol !== undefined) {
      this.protocol = protocol.toLowerCase();
      rest = rest.slice(protocol.length);
    }
    const isHostless = HOSTLESS.test(this.protocol ?? '');
    if ((slashesDenoteHost || protocol || /^\/\/[^@/]+@[^@/]+/.test(rest)) && rest.startsWith('//') && !isHostless) {
      this.slashes = true;
      rest = rest.slice(2);
    }
    if (!isHostless && (this.slashes || (protocol && !WITH_SLASHES.test(protocol)))) rest = this.#takeHost(rest, address);
    if (!isHostless) rest = rest.replace(/[\t\n\r "'<>\\^`{|}]/g, escapeOne);
    this.#takePath(rest, parsesQuery);
    this.href = this.format();
    return this;
  }

  // User, host and port; what cannot belong to a host name starts the path.
  #takeHost(given, address) {
    const stop = given.search(/[#/?]/);
    const authority = stop === -1 ? given : given.slice(0, stop);
    const at = authority.lastIndexOf('@');
    if (at !== -1) this.auth = decodeURIComponent(authority.slice(0, at));
    const named = authority.slice(at + 1);
    const odd = named.search(/[\t\n\r "%';<>\\^`{|}]/);
    let name = odd === -1 ? named : named.slice(0, odd);
    let rest = (odd === -1 ? '' : named.slice(odd)) + given.slice(authority.length);

    const port = /:([0-9]*)$/.exec(name);
    if (port) {
      if (port[1] !== '') this.port = port[1];
      name = name.slice(0, port.index);
    }
    const isIPv6 = name.startsWith('[') && name.endsWith(']');
    if (!isIPv6) {
      const invalid = name.search(/[/\\#?:]/);
      if (invalid !== -1) {
        rest = `/${name.slice(invalid)}${rest}`;
        name = name.slice(0, invalid);
      }
    }
    name = name.length > LONGEST_HOST ? '' : name.toLowerCase();
    if (!isIPv6 && name !== '') {
      name = asciiHost(name);
      if (name === '' || FORBIDDEN_IN_HOST.test(name)) throw invalidUrl(address);
    }
    this.host = name + (this.port === null ? '' : `:${this.port}`);
    this.hostname = isIPv6 ? name.slice(1, -1) : name;
    if (isIPv6 && !rest.startsWith('/')) rest = `/${rest}`;
    return rest;
  }

  #takePath(rest, parsesQuery) {
    const [, pathname, search, hash] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(rest);
    if (hash !== undefined) this.hash = hash;
    if (search !== undefined) this.search = search;
    if (parsesQuery) this.query = querystring.parse(search?.slice(1) ?? '');
    else if (search !== undefined) this.query = search.slice(1);
    if (pathname !== '') this.pathname = pathname;
    else if (this.hostname && WITH_SLASHES.test(this.protocol ?? '')) this.pathname = '/';
    if (this.pathname || this.search) this.path = (this.pathname ?? '') + (this.search ?? '');
  }

  format() {
    const auth = this.auth ? `${encodeURIComponent(this.auth).replace(/%3A/gi, ':')}@` : '';
    let protocol = this.protocol || '';
    if (protocol !== '' && !protocol.endsWith(':')) protocol += ':';
    let pathname = (this.pathname || '').replace(/[?#]/g, encodeURIComponent);
    let address = '';
    if (this.host) {
      address = auth + this.host;
    } else if (this.hostname) {
      const isIPv6 = this.hostname.includes(':') && !this.hostname.startsWith('[');
      address = auth + (isIPv6 ? `[${this.hostname}]` : this.hostname) + (this.port ? `:${this.port}` : '');
    }
    const query = this.query !== null && typeof this.query === 'object' ? querystring.stringify(this.query) : '';
    let search = this.search || (query && `?${query}`) || '';
    if (this.slashes || WITH_SLASHES.test(protocol)) {
      if (this.slashes || address !== '') {
        if (pathname !== '' && !pathname.startsWith('/')) pathname = `/${pathname}`;
        address = `//${address}`;
      } else if (protocol === 'file:') {
        address = '//';
      }
    }
    search = search.replaceAll('#', '%23');
    if (search !== '' && !search.startsWith('?')) search = `?${search}`;
    const hash = this.hash && !this.hash.startsWith('#') ? `#${this.hash}` : this.hash || '';
    return protocol + address + pathname + search + hash;
  }

  resolve(relative) { return this.resolveObject(parse(relative, false, true)).format(); }

  /** What a link means on the page of this address. */
  resolveObject(given) {
    const link = typeof given === 'string' ? parse(given, false, true) : given;
    const result = Object.assign(new Url(), this, { hash: link.hash });
    const takeHost = () => Object.assign(result, {
      auth: link.auth, host: link.host, port: link.port, hostname: link.hostname, slashes: link.slashes,
    });
    const takeRest = pathname => Object.assign(result, { pathname: pathname || null, search: link.search, query: link.query });
    if (link.href === '') {
      // The same page.
    } else if (link.protocol && link.protocol !== this.protocol) {
      result.protocol = link.protocol;
      takeHost();
      takeRest(link.pathname);
    } else if (link.host) {
      takeHost();
      takeRest(withoutDots(link.pathname ?? '', true));
    } else if (link.pathname) {
      const hasHost = Boolean(result.host);
      const isAbsolute = hasHost || link.pathname.startsWith('/') || Boolean(this.pathname?.startsWith('/'));
      const base = link.pathname.startsWith('/') ? '' : (this.pathname ?? '').replace(/[^/]*$/, '') || (hasHost ? '/' : '');
      takeRest(withoutDots(base + link.pathname, isAbsolute));
    } else if (link.search !== null) {
      takeRest(result.pathname);
    }
    if (!result.pathname && result.hostname && WITH_SLASHES.test(result.protocol ?? '')) result.pathname = '/';
    result.path = result.pathname || result.search ? (result.pathname ?? '') + (result.search ?? '') : null;
    result.href = result.format();
    return result;
  }
}

// `.` and `..` worked off; above the root of an absolute path there is nothing.
function withoutDots(path, isAbsolute) {
  if (path === '') return path;
  const kept = [];
  const segments = path.split('/');
  for (const segment of path.startsWith('/') ? segments.slice(1) : segments) {
    if (segment === '.') continue;
    if (segment !== '..') kept.push(segment);
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (!isAbsolute) kept.push('..');
  }
  const last = segments.at(-1);
  if (last === '.' || last === '..') kept.push('');
  const text = kept.join('/');
  return isAbsolute ? `/${text}` : text;
}

/** A host name in the letters of the DNS; empty where it cannot be one. */
export function asciiHost(name) {
  if (/^[a-z0-9.\-_+*~!$&()=,]*$/.test(name)) return name;
  return native.urlParse(`ws://${name}`, undefined)?.hostname ?? '';
}

export function parse(address, parsesQuery, slashesDenoteHost) {
  return address instanceof Url ? address : new Url().parse(address, parsesQuery, slashesDenoteHost);
}

export const resolve = (from, to) => parse(from, false, true).resolve(to);
export const resolveObject = (from, to) => (from ? parse(from, false, true).resolveObject(to) : to);

export function format(given, options) {
  if (typeof given === 'string') return parse(given).format();
  if (given === null || typeof given !== 'object') throw invalidArgType('urlObject', ['Object', 'string'], given);
  if (!(given instanceof URL)) return Url.prototype.format.call(given);
  if (options !== undefined && options !== null && typeof options !== 'object') throw invalidArgType('options', 'object', options);
  const { auth = true, fragment = true, search = true } = options ?? {};
  const url = new URL(given.href);
  if (!auth) Object.assign(url, { username: '', password: '' });
  if (!fragment) url.hash = '';
  if (!search) url.search = '';
  return url.href;
}

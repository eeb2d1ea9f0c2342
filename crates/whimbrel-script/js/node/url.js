// `url`: addresses, of the web (`URL`) and the old way (`parse`, `format`, `resolve`).

import { nodeError } from './errors.js';
import { fileURLToPath, pathToFileURL } from './url/files.js';
import { asciiHost, format, parse, resolve, resolveObject, Url } from './url/legacy.js';
import { URLSearchParams, webText } from './url/search_params.js';
import { URL } from './url/url.js';

function domainToASCII(domain) {
  if (arguments.length === 0) throw nodeError(TypeError, 'ERR_MISSING_ARGS', 'The "domain" argument must be specified');
  return asciiHost(webText(domain).toLowerCase());
}

/** The options of `http.request` that lead to an address. */
function urlToHttpOptions(url) {
  const { hostname, pathname, port, username, password, search } = url;
  const options = Object.assign(Object.create(null), {
    ...url,
    protocol: url.protocol,
    hostname: hostname?.startsWith('[') ? hostname.slice(1, -1) : hostname,
    hash: url.hash,
    search,
    pathname,
    path: `${pathname || ''}${search || ''}`,
    href: url.href,
  });
  if (port !== '') options.port = Number(port);
  if (username || password) options.auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return options;
}

export default {
  Url, parse, resolve, resolveObject, format, URL, URLSearchParams, domainToASCII, pathToFileURL, fileURLToPath, urlToHttpOptions,
};

// URL, TextEncoder, structuredClone, AbortController, Intl-dependent methods.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const url = new URL('https://user@example.com:8080/a/b?x=1&y=%20#frag');
  await note('url', [
    url.hostname, url.port, url.pathname, url.searchParams.get('x'), url.hash, url.href,
    new URLSearchParams({ a: 1, b: 'c d' }).toString(),
  ]);
  await note('encoding', [
    new TextEncoder().encode('é'), new TextDecoder().decode(Uint8Array.of(195, 169)), encodeURIComponent('a b/ü'),
    decodeURIComponent('%C3%BC'), escape('ü'), btoa('hi'), atob('aGk='),
  ]);
  const original = { a: [1, { b: new Date(0) }], m: new Map([[1, 2]]) };
  const copy = structuredClone(original);
  await note('structuredClone', [copy, copy.a !== original.a]);
  const controller = new AbortController();
  controller.abort();
  await note('abort', controller.signal.aborted);
  await note('numbers', [
    (1234.5).toFixed(1), (255).toString(16), parseFloat('1.5x'), Number(''), Number('0x10'), (0.1).toPrecision(3),
    (1e21).toString(), Math.round(-0.5), Math.max(), Math.hypot(3, 4), Math.trunc(-1.5),
  ]);
  await note('locale', [
    (1234567.5).toLocaleString('en-US'), new Date(0).toLocaleDateString('en-US', { timeZone: 'UTC' }), 'ä'.localeCompare('z'),
    'I'.toLocaleLowerCase(),
  ]);
}

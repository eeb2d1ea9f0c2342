// Whimbrel's `path` against `node:path`, both spellings.
//
// Deviations that are kept on purpose (tested under "deviations"):
//
// | where | Node.js | Whimbrel | reason |
// | --- | --- | --- | --- |
// | `path === path.posix` (or `win32`) | true | a third object, same functions | the platform is known only when the tool runs |
// | `posix.parse('/..')` | extension `.` | no extension, as for `..` | a slip of Node.js |
// | `win32.relative` between roots without a drive | `..ab` for `\a` to `\ab` | `\ab` | cannot happen on Windows, where the current folder has a drive |
// | `win32.relative` and servers called `c:` | taken for the drive | taken for a server | no server is called so |
// | `win32.resolve('D:x')` | the folder of drive D in the environment | the current folder, or the root of D | the environment is not read |

import assert from 'node:assert/strict';
import nodePath from 'node:path';
import test from 'node:test';
import { inspect } from 'node:util';
import { useHost } from '../../crates/whimbrel-script/js/node/host.js';
import path from '../../crates/whimbrel-script/js/node/path.js';
import { random } from './compare.mjs';

const host = { osInfo: () => ({ platform: 'linux' }), projectFolder: () => '/srv/project' };
useHost(host);

// Node.js asks `process.cwd()` each time, so the folder can be chosen.
function inFolder(folder, body) {
  const { cwd } = process;
  process.cwd = () => folder;
  host.projectFolder = () => folder;
  try {
    body();
  } finally {
    process.cwd = cwd;
  }
}

function outcome(call) {
  try {
    return { value: call() };
  } catch (error) {
    return { error: error.constructor, code: error.code, message: error.message };
  }
}

const same = (kind, name, args) => assert.deepEqual(
  outcome(() => path[kind][name](...args)), outcome(() => nodePath[kind][name](...args)), `${kind}.${name}(${inspect(args)})`
);

const ONE = ['normalize', 'isAbsolute', 'dirname', 'basename', 'extname', 'parse', 'toNamespacedPath', 'resolve', 'join', '_makeLong'];
const TWO = ['join', 'resolve', 'relative', 'basename'];
const isKept = (kind, name, args) =>
  !(name === 'parse' && kind === 'posix' && /^\/+\.\.\/*$/.test(args[0])) &&
  !(name === 'relative' && kind === 'win32' && args.some(path => /^[\\/]{2}[^\\/]*:/.test(path)));

const PATHS = [
  '', '.', '..', '/', '//', '///', 'a', 'a/', '/a', '//a', '///a', 'a//b', '/a//b', '/a/b/', './a', '../a', 'a/..', 'a/../..', '/..', '/../a', 'a/./b', 'a.b', '.a', '..a', 'a.', 'a..', '.a.b', 'a.b/', 'a.b//', '...', 'a/...', ' ', 'é/日.x',
  '\\', '\\\\', '\\\\\\', 'a\\b', 'c:', 'c:\\', 'c:/', 'c:a', 'c:\\a', 'C:/a/b.c', 'c:\\\\a', 'c:..', 'c:\\..', 'c:.', 'd:\\a', 'D:a', '\\\\server', '\\\\server\\', '\\\\server\\share', '\\\\server\\share\\', '//server/share/a', '\\\\server\\\\share\\\\a',
  '\\\\\\server\\share', '//?/c:/a', '\\\\.\\pipe\\x', '\\\\?\\UNC\\server\\share\\x', 'con', 'con:', 'con:/', 'CON:x', 'con:..\\..\\x', 'nul:a/b', 'com1:x', 'com¹:x', 'COM0:x', 'lpt9:', 'conin$:x', './a:b', 'x/../c:foo', 'x/../c:/foo',
  '../c:foo', 'a:b:c', 'foo:', 'foo:/bar', '1:', '1:/x', 'file:///a/b', 'c:.ext', 'c:a.b', 'c:\\.', 'a:/b:/c', ':', '::', 'c::', '/c:/', 'c:/a/../..',
];

test('every function on each path', () => {
  inFolder('/srv/project', () => {
    for (const kind of ['posix', 'win32']) {
      for (const name of ONE) {
        for (const given of PATHS) if (isKept(kind, name, [given])) same(kind, name, [given]);
      }
    }
  });
});

test('every pair of paths', () => {
  for (const [kind, folder] of [['posix', '/srv/project'], ['posix', '/'], ['win32', 'C:\\work\\project'], ['win32', 'C:\\'], ['win32', '\\\\server\\share\\x']]) {
    inFolder(folder, () => {
      // On a share, `c:` stays without a root, and Node.js gets lost in it.
      const names = folder.startsWith('\\\\') ? ['join', 'resolve'] : TWO;
      for (const name of names) for (const a of PATHS) for (const b of PATHS) if (isKept(kind, name, [a, b])) same(kind, name, [a, b]);
    });
  }
});

test('20,000 random paths', () => {
  const { below, pick } = random(77);
  const part = () => pick(['a', 'b', 'Ab', 'ab', '.', '..', '.x', 'a.b', 'a.', '', 'c:', 'C:', 'd:', 'con:', '?', '🙂']);
  const make = () => Array.from({ length: 1 + below(6) }, (_, i) => (i === 0 ? '' : pick(['/', '/', '\\', '//', ''])) + part()).join('') + pick(['', '', '/', '\\']);
  for (const [kind, folder] of [['posix', '/w/a'], ['win32', 'C:\\w\\a']]) {
    inFolder(folder, () => {
      for (let i = 0; i < 10000; i++) {
        const args = [make(), make(), make()];
        for (const name of ONE) if (isKept(kind, name, args)) same(kind, name, [args[0]]);
        for (const name of TWO) if (isKept(kind, name, args.slice(0, 2))) same(kind, name, args.slice(0, 2));
        same(kind, 'join', args);
        same(kind, 'resolve', args);
        same(kind, 'basename', [args[0], pick(['a', '.b', 'b/', '/a', args[0], 'xxab'])]);
      }
    });
  }
});

test('format', () => {
  const values = [undefined, '', '/', 'a', '.b', '/x/y', 'c:\\', 5];
  const { pick } = random(5);
  for (const kind of ['posix', 'win32']) {
    for (let i = 0; i < 3000; i++) same(kind, 'format', [{ dir: pick(values), root: pick(values), base: pick(values), name: pick(values), ext: pick(values) }]);
    for (const given of PATHS.filter(value => value !== '/..')) same(kind, 'format', [path[kind].parse(given)]);
    for (const bad of [undefined, null, 5, 'a', [], () => 1, new Map(), {}]) same(kind, 'format', [bad]);
  }
});

test('bad arguments', () => {
  inFolder('/w', () => {
    const bad = [undefined, null, 5, true, {}, [], () => 1, Symbol('s'), 5n, new Date(0), Object.create(null), Buffer.from('a')];
    for (const kind of ['posix', 'win32']) {
      for (const value of bad) {
        for (const name of ONE) same(kind, name, [value]);
        for (const name of TWO) {
          same(kind, name, ['a', value]);
          same(kind, name, [value, 'a']);
        }
      }
    }
  });
});

test('the shape of the module', () => {
  for (const kind of ['posix', 'win32']) {
    for (const name of ['sep', 'delimiter']) assert.equal(path[kind][name], nodePath[kind][name]);
    assert.equal(path[kind].posix, path.posix);
    assert.equal(path[kind].win32, path.win32);
    const missing = Object.keys(nodePath[kind]).filter(name => !(name in path[kind]));
    assert.deepEqual(missing.filter(name => name !== 'matchesGlob'), []);
  }
  assert.deepEqual(Object.keys(path), Object.keys(path.posix));
});

test('the default follows the platform', () => {
  inFolder('/w', () => assert.deepEqual([path.join('a', 'b'), path.resolve('x'), path.sep, path.delimiter], ['a/b', '/w/x', '/', ':']));
  host.osInfo = () => ({ platform: 'win32' });
  inFolder('C:\\w', () => {
    assert.deepEqual([path.join('a', 'b'), path.resolve('x'), path.sep, path.delimiter], ['a\\b', 'C:\\w\\x', '\\', ';']);
    assert.equal(path.posix.resolve('x'), '/w/x');
  });
  host.osInfo = () => ({ platform: 'linux' });
});

test('deviations', () => {
  assert.notEqual(path, path.posix);
  assert.deepEqual(path.posix.parse('/..'), { root: '/', dir: '/', base: '..', ext: '', name: '..' });
  inFolder('/w', () => assert.equal(path.win32.relative('\\a', '\\ab'), '\\ab'));
});

// Whimbrel's `fs`, `fs/promises` and `readline` against Node's own: each case runs twice, in a folder of its own, and
// what was answered and what is in the folder afterwards have to be alike. The host is made of Node's `fs`.
//
// Deviations that are kept on purpose:
//
// | where | Node.js | Whimbrel | reason |
// | --- | --- | --- | --- |
// | open files | handles of the system | a path and a place, kept in JavaScript | the host knows paths only: renaming or removing an open file loses it |
// | callback and promise forms | work on another thread | done at the call, told later | one thread |
// | `atimeNs` of `{ bigint: true }` | nanoseconds | microseconds | the host gives milliseconds |
// | `link`, `chown`, `watch`, `watchFile` | offered | ERR_NOT_OFFERED | not for a migration |
// | `opendir` order | the system's | by name | a fixed order |

import assert from 'node:assert/strict';
import nodeFs from 'node:fs';
import os from 'node:os';
import nodePath from 'node:path';
import nodeReadline from 'node:readline';
import nodeStream from 'node:stream';
import test, { after } from 'node:test';
import { pathToFileURL } from 'node:url';
import util from 'node:util';
import fs from '../../crates/whimbrel-script/js/node/fs.js';
import promises from '../../crates/whimbrel-script/js/node/fs/promises.js';
import { useHost } from '../../crates/whimbrel-script/js/node/host.js';
import readline from '../../crates/whimbrel-script/js/node/readline.js';
import stream from '../../crates/whimbrel-script/js/node/stream.js';
import url from '../../crates/whimbrel-script/js/node/url.js';

const root = nodeFs.realpathSync(nodeFs.mkdtempSync(nodePath.join(os.tmpdir(), 'whimbrel-fs-')));
after(() => nodeFs.rmSync(root, { recursive: true, force: true }));

const kindOf = entry => (entry.isFile() ? 'file' : entry.isDirectory() ? 'directory' : entry.isSymbolicLink() ? 'symlink' : 'other');
const status = s => ({ kind: kindOf(s), size: s.size, mode: s.mode, mtimeMs: s.mtimeMs, atimeMs: s.atimeMs, ctimeMs: s.ctimeMs, birthtimeMs: s.birthtimeMs, ino: s.ino, dev: s.dev, nlink: s.nlink, uid: s.uid, gid: s.gid });

function withFile(path, flags, mode, act) {
  const fd = nodeFs.openSync(path, flags, mode);
  try { return act(fd); } finally { nodeFs.closeSync(fd); }
}

const operations = {
  read: (path, { position, length }) => (length === undefined ? new Uint8Array(nodeFs.readFileSync(path)) : withFile(path, 'r', 0, fd => { const bytes = new Uint8Array(length); return bytes.subarray(0, nodeFs.readSync(fd, bytes, 0, length, position)); })),
  stat: path => status(nodeFs.statSync(path)),
  lstat: path => status(nodeFs.lstatSync(path)),
  readdir: path => nodeFs.readdirSync(path, { withFileTypes: true }).reverse().map(entry => ({ name: entry.name, parent: path, kind: kindOf(entry) })),
  realpath: path => nodeFs.realpathSync(path),
  readlink: path => nodeFs.readlinkSync(path),
  access: (path, { mode }) => nodeFs.accessSync(path, mode),
  write: (path, { data, flag, mode, position }) => withFile(path, flag, mode, fd => { nodeFs.writeSync(fd, data, 0, data.length, position ?? null); }),
  mkdir: (path, { recursive, mode }) => nodeFs.mkdirSync(path, { recursive, mode }),
  rm: (path, { recursive, force }) => nodeFs.rmSync(path, { recursive, force }),
  rmdir: path => nodeFs.rmdirSync(path),
  unlink: path => nodeFs.unlinkSync(path),
  rename: (path, { to }) => nodeFs.renameSync(path, to),
  copy: (path, { to, exclusive }) => nodeFs.copyFileSync(path, to, exclusive ? 1 : 0),
  mkdtemp: path => nodeFs.mkdtempSync(path),
  truncate: (path, { length }) => nodeFs.truncateSync(path, length),
  chmod: (path, { mode }) => nodeFs.chmodSync(path, mode),
  utimes: (path, { atime, mtime }) => nodeFs.utimesSync(path, atime, mtime),
  symlink: (path, { target }) => nodeFs.symlinkSync(target, path),
};

useHost({
  projectFolder: () => process.cwd(),
  osInfo: () => ({ platform: 'linux' }),
  urlParse: (input, base) => (URL.canParse(input, base) ? new URL(input, base) : null),
  fs(operation, path, args) {
    assert.ok(nodePath.isAbsolute(path), `${operation} ${path}`);
    try {
      return operations[operation](path, args);
    } catch ({ code, errno, syscall, path: from, dest, message }) {
      const text = /^\w+: (.*?), /.exec(message)?.[1] ?? message;
      throw { code, errno, syscall, message: text, ...(from === undefined ? {} : { path: from }), ...(dest === undefined ? {} : { dest }) };
    }
  },
});

// ---- the two worlds ----

const ours = { name: 'ours', fs, promises, readline, stream, URL: url.URL };
const theirs = { name: 'theirs', fs: nodeFs, promises: nodeFs.promises, readline: nodeReadline, stream: nodeStream, URL };

const TESTS = ['isFile', 'isDirectory', 'isSymbolicLink', 'isFIFO', 'isSocket', 'isBlockDevice', 'isCharacterDevice'];
const STABLE = ['mode', 'nlink', 'uid', 'gid', 'size', 'rdev', 'blksize'];

function plain(value) {
  if (value instanceof Error) return failure(value);
  if (ArrayBuffer.isView(value)) return { bytes: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1') };
  if (value === null || typeof value !== 'object') return typeof value === 'function' ? 'function' : value;
  if (typeof value.isFile === 'function') {
    const tests = TESTS.filter(name => value[name]());
    if ('name' in value) return { entry: plain(value.name), parentPath: value.parentPath, path: value.path, tests };
    const dates = ['atime', 'mtime', 'ctime', 'birthtime'].map(name => Object.prototype.toString.call(value[name]));
    return { class: value.constructor.name, keys: Object.keys(value).sort(), tests, dates, ...Object.fromEntries(STABLE.map(name => [name, value[name]])) };
  }
  if (Array.isArray(value)) return value.map(plain);
  return Object.entries(value).map(([key, inner]) => [key, plain(inner)]);
}

const failure = error => ({
  name: error.name, code: error.code, message: error.message, errno: error.errno, syscall: error.syscall, path: error.path, dest: error.dest, info: error.info && { ...error.info },
});

function treeOf(folder, prefix = '') {
  return nodeFs.readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = nodePath.join(folder, entry.name);
    const name = `${prefix}${entry.name}`.replace(/[A-Za-z0-9]{6}$/, part => (entry.name.startsWith('tmp-') ? '######' : part));
    if (entry.isDirectory()) return [`${name}/ ${(nodeFs.statSync(path).mode & 0o777).toString(8)}`, ...treeOf(path, `${name}/`)];
    if (entry.isSymbolicLink()) return [`${name} -> ${nodeFs.readlinkSync(path)}`];
    return [`${name} ${(nodeFs.statSync(path).mode & 0o777).toString(8)} ${nodeFs.readFileSync(path, 'latin1')}`];
  });
}

let cases = 0;

async function inFolder(world, call) {
  const folder = nodePath.join(root, world.name);
  nodeFs.rmSync(folder, { recursive: true, force: true });
  nodeFs.mkdirSync(nodePath.join(folder, 'dir/deep/er'), { recursive: true });
  nodeFs.mkdirSync(nodePath.join(folder, 'empty'));
  for (const [name, text] of [['file', 'hello wörld\n'], ['dir/one', '1'], ['dir/deep/two', '22'], ['dir/deep/er/three', '333'], ['lines', 'a\nb\r\n\nlast']]) nodeFs.writeFileSync(nodePath.join(folder, name), text);
  nodeFs.symlinkSync('file', nodePath.join(folder, 'link'));
  nodeFs.symlinkSync('dir', nodePath.join(folder, 'dirlink'));
  nodeFs.symlinkSync('nowhere', nodePath.join(folder, 'broken'));
  process.chdir(folder);
  let result;
  try {
    result = { value: plain(await call(world)) };
  } catch (error) {
    result = failure(error);
  }
  const text = util.inspect({ ...result, tree: treeOf(folder) }, { depth: 12, maxStringLength: null, maxArrayLength: null, breakLength: 160, compact: false });
  return text.replaceAll(`${folder}`, 'FOLDER').replaceAll(/(tmp-)[A-Za-z0-9]{6}/g, '$1######');
}

async function same(call, what) {
  cases += 1;
  const [a, b] = [await inFolder(ours, call), await inFolder(theirs, call)];
  process.chdir(root);
  assert.equal(a, b, what ?? call.toString());
}

/** The same call in all its forms: synchronous, with a callback, as a promise. */
async function everyForm(name, ...args) {
  const what = `${name}(${args.map(arg => util.inspect(arg)).join(', ')})`;
  await same(world => world.fs[`${name}Sync`](...args), `${what} synchronous`);
  await same(world => new Promise((resolve, reject) => world.fs[name](...args, (error, ...values) => (error ? reject(error) : resolve(values)))), `${what} callback`);
  if (theirs.promises[name]) await same(world => world.promises[name](...args), `${what} promise`);
}

const PATHS = ['file', './file', 'dir', 'dir/', 'nope', 'nope/x', 'file/x', 'link', 'dirlink', 'broken', '', Buffer.from('file'), 'a\0b', 5.5, null, undefined, {}, true];

test('every path, every kind', async () => {
  for (const path of PATHS) {
    if (path === 'file/') continue;
    for (const name of ['readFile', 'stat', 'lstat', 'access', 'readdir', 'realpath', 'readlink', 'unlink', 'rmdir', 'mkdir', 'rm', 'truncate']) {
      // The empty path is the folder itself here, and `realpath` takes anything for a path and names what it looked at.
      // A number is a descriptor to `truncate`.
      if (name === 'truncate' && typeof path === 'number') continue;
      if (path === '' || (name === 'realpath' && (typeof path !== 'string' || /nope|broken|file\/x/.test(path)))) continue;
      // A slash at the end is not handed on to the host.
      if (path === 'dir/' && (name === 'unlink' || name === 'mkdir')) continue;
      await everyForm(name, path);
    }
    if (path === '' || path === 'dir/') continue;
    await everyForm('writeFile', path, 'new');
    await everyForm('appendFile', path, 'more');
    await everyForm('chmod', path, 0o600);
    await everyForm('utimes', path, 1000, new Date(5000));
    await everyForm('rename', path, 'moved');
    await everyForm('copyFile', path, 'copied');
    await everyForm('rename', 'file', path);
    await everyForm('copyFile', 'file', path);
    await everyForm('symlink', 'target', path);
    await same(({ fs: f }) => f.existsSync(path), `existsSync ${util.inspect(path)}`);
    await same(({ fs: f }) => new Promise(resolve => f.exists(path, resolve)), `exists ${util.inspect(path)}`);
  }
  await same(({ fs: f, URL: U }) => f.readFileSync(new U(`${pathToFileURL(process.cwd()).href}/file`), 'utf8'));
  await same(({ fs: f, URL: U }) => f.readFileSync(new U('http://a/b')));
  await same(({ fs: f }) => f.readFileSync(nodePath.resolve('nope')));
});

test('options of reading and writing', async () => {
  for (const options of ['utf8', 'latin1', 'hex', 'base64', 'utf16le', 'nope', '', null, undefined, {}, { encoding: 'utf8' }, { encoding: 'buffer' }, { encoding: null }, { encoding: 5 }, { encoding: 'nope' }, { flag: 'r' }, { flag: 'r+' }, { flag: 'zz' }, { flag: 'a+' }, { flag: 5 }, { encoding: 'utf8', flag: 'rs' }, 5, true]) await everyForm('readFile', 'file', options);
  for (const data of ['text', 'ü€', '', Buffer.from('bytes'), new Uint16Array([0x4142]), new DataView(new ArrayBuffer(2)), 5, null, undefined, {}, true]) {
    await everyForm('writeFile', 'out', data);
    await everyForm('appendFile', 'file', data);
  }
  for (const options of ['utf8', 'latin1', 'hex', 'nope', null, {}, { encoding: 'hex' }, { flag: 'a' }, { flag: 'wx' }, { flag: 'ax' }, { flag: 'r+' }, { flag: 'r' }, { flag: 'w+' }, { flag: 'xw' }, { flag: 'zz' }, { mode: 0o600 }, { mode: '640' }, { mode: 'zz' }, { mode: -1 }, { flush: 5 }, { flush: true }, 5, true]) {
    for (const path of ['file', 'new']) {
      // Checked only when a file is made of it.
      if (options?.mode !== undefined && path === 'file') continue;
      await everyForm('writeFile', path, '4a4b', options);
      await everyForm('appendFile', path, '4a4b', options);
    }
  }
  await same(({ promises: p }) => p.writeFile('out', ['a', Buffer.from('b'), 'c']));
  await same(({ promises: p, stream: s }) => p.writeFile('out', s.Readable.from(['x', 'y'])));
  await same(({ promises: p }) => p.appendFile('file', (async function* pieces() { yield '1'; yield '2'; })()));
});

test('stat', async () => {
  for (const options of [{}, { bigint: true }, { throwIfNoEntry: false }, undefined, null]) {
    for (const path of ['file', 'nope', 'file/x', 'link', 'dir']) {
      await same(({ fs: f }) => f.statSync(path, options ?? undefined), `${path} ${util.inspect(options)}`);
      await same(({ fs: f }) => f.lstatSync(path, options ?? undefined), `${path} ${util.inspect(options)}`);
    }
  }
  await same(({ fs: f }) => { f.utimesSync('file', '17', new Date(12345678)); const s = f.statSync('file'); return [s.atimeMs, s.mtimeMs, s.mtime.toISOString(), s.atime.getTime()]; });
  await same(({ fs: f }) => f.statSync('file') instanceof f.Stats);
  await same(({ fs: f }) => f.readdirSync('.', { withFileTypes: true })[0] instanceof f.Dirent);
  for (const [a, b] of [['x', 1], [1, 'x'], [NaN, 1], [null, 1], [undefined, 1], [{}, 1], [Infinity, 1]]) await everyForm('utimes', 'file', a, b);
  for (const mode of ['zz', -1, 2 ** 32, 1.5, '755', 0o700, null, undefined, {}]) await everyForm('chmod', 'file', mode);
  for (const mode of [0, 4, 7, 8, -1, 1.5, 'x', null]) {
    await everyForm('access', 'file', mode);
    // Cloning depends on the file system.
    if (!(mode >= 4)) await everyForm('copyFile', 'file', 'copied', mode);
  }
  await everyForm('copyFile', 'file', 'dir/one', fs.constants.COPYFILE_EXCL);
  for (const length of [0, 3, 100, -5, 1.5, 'x', null]) await everyForm('truncate', 'file', length);
  for (const encoding of ['utf8', 'buffer', 'hex', 'nope', { encoding: 'buffer' }, null]) {
    await everyForm('readlink', 'link', encoding);
    // The folder's name is replaced in the result, which must be text for that.
    if (encoding !== 'hex') await everyForm('realpath', 'link', encoding);
    await everyForm('readdir', 'dir', encoding);
  }
  await same(({ fs: f }) => [f.realpathSync.native('link'), typeof f.realpath.native]);
});

test('folders', async () => {
  const sorted = entries => [...entries].sort((a, b) => (`${a.path ?? ''}${a.name ?? a}` < `${b.path ?? ''}${b.name ?? b}` ? -1 : 1));
  for (const given of ['.', 'dir', 'dirlink', 'empty', './dir/', '/']) {
    for (const options of [{}, { withFileTypes: true }, { recursive: true }, { recursive: true, withFileTypes: true }, { recursive: 5 }, { encoding: 'buffer', withFileTypes: true }]) {
      // The last one: an absolute path.
      const path = () => (given === '/' ? process.cwd() : given);
      await same(({ fs: f }) => f.readdirSync(path(), options), util.inspect([given, options]));
      await same(({ fs: f }) => new Promise((resolve, reject) => f.readdir(path(), options, (error, list) => (error ? reject(error) : resolve(sorted(list))))), util.inspect([given, options, 'callback']));
      await same(async ({ promises: p }) => sorted(await p.readdir(path(), options)), util.inspect([given, options, 'promise']));
    }
  }
  for (const path of ['new', 'new/a/b', 'dir', 'dir/deep/x/y', 'file', 'file/x/y', nodePath.join(root, 'absolute/x')]) {
    for (const options of [undefined, null, {}, { recursive: true }, { recursive: 5 }, { recursive: true, mode: 0o700 }, { mode: 'zz' }, { mode: -1 }, 0o750, '700', 'zz']) {
      if (path.startsWith('/')) await same(({ fs: f }) => { const made = f.mkdirSync(nodePath.resolve('absolute/x'), { recursive: true }); return made; });
      else await everyForm('mkdir', path, options);
    }
  }
  for (const prefix of ['tmp-', 'dir/tmp-', './tmp-', 5, null]) await everyForm('mkdtemp', prefix);
  await same(({ fs: f }) => f.mkdtempSync('nope/tmp-x'));
  await same(({ fs: f }) => { const made = f.mkdtempSync(`${nodePath.resolve('dir')}/`); const length = made.length; f.rmdirSync(made); return length - process.cwd().length; });
  for (const path of ['dir', 'file', 'nope', 'dirlink', 'broken', 'empty']) {
    for (const options of [undefined, {}, { recursive: true }, { force: true }, { recursive: true, force: true }, { recursive: 1 }, { force: 'x' }, 5]) {
      if (options !== undefined) await everyForm('rm', path, options);
    }
    await same(({ fs: f }) => f.rmdirSync(path, { recursive: false }));
  }
  await same(async ({ fs: f }) => { const names = []; for await (const entry of f.opendirSync('dir')) names.push([entry.name, entry.isDirectory(), entry.parentPath]); return sorted(names.map(one => one.join())); });
  await same(async ({ promises: p }) => { const dir = await p.opendir('.'); const names = []; for await (const entry of dir) names.push(entry.name); return [dir.path, sorted(names)]; });
  await same(({ fs: f }) => { const dir = f.opendirSync('empty'); const none = dir.readSync(); dir.closeSync(); return none; });
  await same(({ fs: f }) => { const dir = f.opendirSync('empty'); dir.closeSync(); dir.closeSync(); });
  await same(({ fs: f }) => f.opendirSync('nope').path);
});

test('cp', async () => {
  const pairs = [['dir', 'copy'], ['dir', 'empty'], ['dir', 'dir/inside'], ['dir', 'file'], ['file', 'dir'], ['file', 'file'], ['file', 'new'], ['file', 'dir/one'], ['file', 'x/y/z'], ['nope', 'x'], ['link', 'newlink'], ['dirlink', 'x'], [5, 'x'], ['file', 5]];
  for (const [from, to] of pairs) {
    for (const options of [undefined, {}, { recursive: true }, { recursive: true, force: false }, { force: false, errorOnExist: true }, { recursive: true, filter: name => !String(name).includes('deep') }, { recursive: true, dereference: true }, { verbatimSymlinks: true, recursive: true }]) {
      // The link is replaced by what it leads to only at the top; below, Node.js keeps to the same rule.
      await same(world => world.fs.cpSync(from, to, options), util.inspect([from, to, options]));
      await same(world => world.promises.cp(from, to, options), util.inspect([from, to, options, 'promise']));
      if (options !== undefined) await same(world => new Promise((resolve, reject) => world.fs.cp(from, to, options, error => (error ? reject(error) : resolve('done')))), util.inspect([from, to, options, 'callback']));
    }
  }
  for (const options of [{ force: 5 }, { recursive: 'x' }, { filter: 5 }, 5, { mode: 99 }, { dereference: true, verbatimSymlinks: true }]) await same(world => world.fs.cpSync('file', 'new', options), util.inspect(options));
  await same(world => world.promises.cp('dir', 'copy', { recursive: true, filter: async name => !name.endsWith('one') }));
  await same(world => { world.fs.utimesSync('file', 5, 6); world.fs.cpSync('file', 'new', { preserveTimestamps: true }); return world.fs.statSync('new').mtimeMs; });
});

test('descriptors', async () => {
  const text = (f, ...args) => { const fd = f.openSync(...args); try { return f.readFileSync(fd, 'utf8'); } finally { f.closeSync(fd); } };
  for (const path of ['file', 'new', 'nope/x', 'dir']) {
    for (const flags of ['r', 'r+', 'w', 'wx', 'w+', 'a', 'a+', 'ax', 'rs+', 'zz', 5.5, null, undefined, 0, fs.constants.O_RDWR | fs.constants.O_CREAT, fs.constants.O_WRONLY | fs.constants.O_TRUNC]) {
      if (path === 'dir' && flags !== 'r' && flags !== 'w') continue;
      await same(({ fs: f }) => { const fd = f.openSync(path, flags); const written = (() => { try { return f.writeSync(fd, 'XY'); } catch (error) { return failure(error); } })(); f.closeSync(fd); return written; }, util.inspect([path, flags]));
      await same(({ fs: f }) => text(f, path, flags), util.inspect(['text', path, flags]));
    }
  }
  const calls = [
    (f, fd) => { const b = Buffer.alloc(8, '.'); return [f.readSync(fd, b), b]; }, (f, fd) => { const b = Buffer.alloc(8, '.'); return [f.readSync(fd, b, 2, 3, 1), b, f.readSync(fd, b, 0, 1, null), b]; }, (f, fd) => { const b = Buffer.alloc(8, '.'); return [f.readSync(fd, b, { position: 6, length: 2 }), b]; }, (f, fd) => { const b = new Uint16Array(4); return [f.readSync(fd, b), b]; },
    (f, fd) => f.readSync(fd, Buffer.alloc(4), 5, 1, 0), (f, fd) => f.readSync(fd, Buffer.alloc(4), 0, 5, 0), (f, fd) => f.readSync(fd, Buffer.alloc(4), -1), (f, fd) => f.readSync(fd, Buffer.alloc(4), 0, 4, 'x'), (f, fd) => f.readSync(fd, 'x'), f => f.readSync('x', Buffer.alloc(1)), f => f.readSync(-1, Buffer.alloc(1)), f => f.readSync(9999, Buffer.alloc(1)), (f, fd) => f.readSync(fd, Buffer.alloc(0)), (f, fd) => f.readSync(fd, Buffer.alloc(4), 0, 4, 5n),
    (f, fd) => f.writeSync(fd, 5), (f, fd) => f.writeSync(fd, Buffer.alloc(2), 3), (f, fd) => f.writeSync(fd, Buffer.alloc(2), 0, 3), (f, fd) => f.writeSync(fd, 'héé', 1), (f, fd) => f.writeSync(fd, '4142', null, 'hex'), (f, fd) => f.writeSync(fd, Buffer.from('abcdef'), 2, 3, 20), (f, fd) => [f.writeSync(fd, 'ab'), f.writeSync(fd, 'cd')], (f, fd) => f.writeSync(fd, Buffer.from('abcdef'), { offset: 3 }), (f, fd) => f.writevSync(fd, [Buffer.from('ab'), Buffer.from('cd')], 3), (f, fd) => { const list = [Buffer.alloc(2), Buffer.alloc(20)]; return [f.readvSync(fd, list), list]; },
    (f, fd) => f.fstatSync(fd), (f, fd) => f.ftruncateSync(fd, 2), (f, fd) => f.ftruncateSync(fd), f => f.ftruncateSync(9999), (f, fd) => f.fchmodSync(fd, 0o600), (f, fd) => { f.futimesSync(fd, 1, 2); return f.fstatSync(fd).mtimeMs; }, (f, fd) => f.fsyncSync(fd), f => f.fsyncSync(9999), f => f.closeSync(9999), f => f.closeSync('x'), f => f.fstatSync(9999), (f, fd) => { f.writeFileSync(fd, 'ZZ'); f.writeFileSync(fd, 'YY'); }, (f, fd) => { f.appendFileSync(fd, 'ZZ'); },
    (f, fd) => new Promise((resolve, reject) => f.read(fd, Buffer.alloc(3), 0, 3, 2, (error, ...rest) => (error ? reject(error) : resolve(rest)))), (f, fd) => new Promise((resolve, reject) => f.write(fd, 'text', (error, ...rest) => (error ? reject(error) : resolve(rest)))), f => new Promise((resolve, reject) => f.close(9999, error => (error ? reject(error) : resolve()))), f => new Promise((resolve, reject) => f.open('nope', (error, fd) => (error ? reject(error) : resolve(fd)))), (f, fd) => util.promisify(f.read)(fd, Buffer.alloc(3), 0, 3, 0), (f, fd) => util.promisify(f.write)(fd, 'Q'),
  ];
  for (const call of calls) await same(async ({ fs: f }) => { const fd = f.openSync('file', 'r+'); try { return await call(f, fd); } finally { f.closeSync(fd); } });
});

test('file handles', async () => {
  const calls = [
    h => h.readFile('utf8'), h => h.readFile(), async h => [(await h.read(Buffer.alloc(4), 0, 4, 2)).buffer, (await h.read(Buffer.alloc(3))).bytesRead], async h => (await h.read({ buffer: Buffer.alloc(5), position: 1 })).buffer, async h => Object.keys(await h.read()), h => h.write('new text', 2), async h => (await h.write(Buffer.from('abc'), 1)).bytesWritten, h => h.writeFile('short'), h => h.appendFile('short'), h => h.stat(), h => h.truncate(3), h => h.chmod(0o600), h => h.utimes(1, 2), h => h.sync(), h => h.datasync(),
    async h => { const lines = []; for await (const line of h.readLines()) lines.push(line); return lines; }, async h => { const pieces = []; for await (const piece of h.createReadStream({ encoding: 'utf8', start: 2, end: 5 })) pieces.push(piece); return pieces; }, h => new Promise(resolve => h.createWriteStream().on('close', () => resolve(h.fd)).end('streamed')), async h => (await h.readv([Buffer.alloc(2), Buffer.alloc(2)])).buffers, async h => (await h.writev([Buffer.from('12'), Buffer.from('34')])).bytesWritten, h => h.read(5), h => h.write(5), async (h, p) => [await p.readFile(h, 'utf8'), await p.writeFile(h, 'X')],
    async h => { await h.close(); return [h.fd, await h.close(), await h.readFile().catch(failure)].slice(0, 2); }, h => typeof h.fd,
  ];
  for (const call of calls) await same(async ({ promises: p }) => { const handle = await p.open('file', 'r+'); try { return await call(handle, p); } finally { await handle.close(); } });
  await same(({ promises: p }) => p.open('nope'));
  await same(({ promises: p }) => p.open('file', 'zz'));
  await same(async ({ promises: p }) => { const handle = await p.open('lines'); const lines = []; for await (const line of handle.readLines()) lines.push(line); return lines; });
});

// Events in their order, and what came.
function logged(emitter, names, until = 'close') {
  return new Promise(resolve => {
    const log = [];
    for (const name of names) {
      emitter.on(name, (...args) => {
        log.push([name, ...args.map(arg => (arg instanceof Error ? failure(arg) : typeof arg === 'number' ? 'number' : typeof arg === 'object' && !ArrayBuffer.isView(arg) ? 'object' : plain(arg)))]);
        if (name === until) setTimeout(resolve, 20, log);
      });
    }
  });
}

test('streams of files', async () => {
  const READ = ['open', 'ready', 'data', 'end', 'error', 'close', 'pause', 'resume'];
  for (const path of ['file', 'nope', 'dir', 'lines']) {
    for (const options of [undefined, 'utf8', {}, { encoding: 'hex' }, { start: 2 }, { end: 3 }, { start: 2, end: 4 }, { highWaterMark: 3 }, { highWaterMark: 4, start: 1, end: 9, encoding: 'utf8' }, { start: 100 }, { emitClose: true }, { flags: 'r+' }]) await same(world => logged(world.fs.createReadStream(path, options), READ), util.inspect([path, options]));
  }
  for (const [path, options] of [[5], ['x', { start: 'x' }], ['x', { end: -1 }], ['x', { start: 5, end: 1 }], ['x', 5], ['x', 'bad'], ['x', { encoding: 'bad' }], [undefined], ['x', { start: 1.5 }]]) await same(world => typeof world.fs.createReadStream(path, options), util.inspect([path, options]));
  const WRITE = ['open', 'ready', 'drain', 'finish', 'error', 'close', 'pipe', 'unpipe'];
  for (const path of ['file', 'new', 'nope/x', 'dir']) {
    for (const options of [undefined, 'hex', {}, { flags: 'a' }, { flags: 'wx' }, { flags: 'r+', start: 3 }, { highWaterMark: 2 }, { mode: 0o600 }]) {
      await same(async world => { const out = world.fs.createWriteStream(path, options); const log = logged(out, WRITE); out.write('4142'); out.write('43'); out.end('44'); const events = await log; return [events, out.bytesWritten, out.path, out.pending]; }, util.inspect([path, options]));
      await same(async world => { const out = world.fs.createWriteStream(path, options); const log = logged(out, WRITE); world.fs.createReadStream('lines').pipe(out); return log; }, util.inspect(['pipe', path, options]));
    }
  }
  for (const [path, options] of [[5], ['x', { start: -1 }], ['x', { start: 'x' }], ['x', 5]]) await same(world => typeof world.fs.createWriteStream(path, options), util.inspect([path, options]));
  await same(async world => { const big = Buffer.alloc(300000, 'abc'); world.fs.writeFileSync('big', big); const sizes = []; const input = world.fs.createReadStream('big'); for await (const piece of input) sizes.push(piece.length); return [sizes, input.bytesRead, input.closed, input.fd]; });
  await same(async world => { world.fs.writeFileSync('big', Buffer.alloc(200000, 'x')); await world.stream.promises.pipeline(world.fs.createReadStream('big'), world.fs.createWriteStream('copy')); const size = world.fs.statSync('copy').size; world.fs.rmSync('big'); world.fs.rmSync('copy'); return size; });
  await same(async world => { const input = world.fs.createReadStream('file'); const log = logged(input, READ); input.once('data', () => input.destroy(new Error('stop'))); return log; });
  await same(async world => { const input = world.fs.createReadStream('file'); for await (const piece of input) { void piece; break; } return input.destroyed; });
  await same(world => new Promise(resolve => { const out = world.fs.createWriteStream('new'); out.write('x'); out.close(error => resolve([error ?? null, out.closed])); }));
  await same(world => { const fd = world.fs.openSync('file', 'r'); return logged(world.fs.createReadStream('', { fd, start: 1 }), READ); });
  await same(async world => { const input = world.fs.createReadStream('file', { autoClose: false }); await new Promise(resolve => input.on('end', resolve).resume()); const open = typeof input.fd; world.fs.closeSync(input.fd); return [open, input.destroyed]; });
  await same(world => { const input = new world.fs.ReadStream('file'); const out = world.fs.WriteStream('new'); const over = Promise.all([input, out].map(one => new Promise(resolve => one.on('close', resolve)))); input.destroy(); out.destroy(); return over.then(() => [input instanceof world.stream.Readable, out instanceof world.stream.Writable, out.constructor.name]); });
});

test('readline', async () => {
  for (const pieces of [['a\nb\n'], ['a\r\nb'], ['a\r', '\nb'], ['a', 'b\n', '\n\nc'], [], ['\n'], ['ü'.repeat(3)], [Buffer.from('ä').subarray(0, 1), Buffer.from('ä\nx').subarray(1)], ['a\u2028b\u2029c\rd'], ['last\n\n']]) {
    await same(({ readline: r, stream: s }) => logged(r.createInterface({ input: s.Readable.from(pieces, { objectMode: false }), crlfDelay: Infinity }), ['line', 'close', 'pause', 'resume']), util.inspect(pieces));
    await same(async ({ readline: r, stream: s }) => { const lines = []; for await (const line of r.createInterface({ input: s.Readable.from(pieces, { objectMode: false }), crlfDelay: Infinity })) lines.push(line); return lines; }, util.inspect(pieces));
  }
  await same(async ({ readline: r, fs: f }) => { const lines = []; for await (const line of r.createInterface(f.createReadStream('lines'))) { lines.push(line); if (line === 'b') break; } return lines; });
  await same(async ({ readline: r, fs: f }) => { f.writeFileSync('many', Array.from({ length: 5000 }, (_, i) => `line ${i}\n`).join('')); let count = 0; for await (const line of r.createInterface({ input: f.createReadStream('many') })) { if (line !== `line ${count++}`) throw new Error(line); if (count % 1000 === 0) await new Promise(resolve => { setTimeout(resolve, 1); }); } f.rmSync('many'); return count; });
  assert.throws(() => readline.createInterface({ input: stream.Readable.from([]) }).question('?', () => {}), { code: 'ERR_NOT_OFFERED' });
});

test('names, constants, refusals', () => {
  assert.deepEqual({ ...fs.constants }, Object.fromEntries(Object.entries(nodeFs.constants).filter(([name]) => !name.startsWith('EXTENSIONLESS'))));
  assert.equal(fs.promises, promises);
  const absent = new Set(['fchown', 'lchmod', 'lutimes', 'lutimesSync', 'lchmodSync', 'openAsBlob', 'statfs', 'statfsSync', '_toUnixTimestamp']);
  for (const name of Object.keys(nodeFs)) if (!absent.has(name)) assert.equal(typeof fs[name], typeof nodeFs[name], name);
  for (const name of ['watch', 'watchFile', 'link', 'chownSync']) assert.throws(() => fs[name]('x', () => {}), { code: 'ERR_NOT_OFFERED' });
  assert.throws(() => promises.watch('x'), { code: 'ERR_NOT_OFFERED' });
});

test('what the host refuses keeps its text', async () => {
  const denied = { code: 'ERR_ACCESS_DENIED', syscall: 'open', path: '/etc/x', message: 'reading /etc/x is not allowed here' };
  useHost({ projectFolder: () => '/', osInfo: () => ({ platform: 'linux' }), fs: () => { throw denied; } });
  assert.throws(() => fs.readFileSync('/etc/x'), error => error instanceof Error && error.message === denied.message && error.code === denied.code && error.path === '/etc/x');
  await assert.rejects(promises.readFile('/etc/x'), { code: 'ERR_ACCESS_DENIED', message: denied.message });
  assert.ok(cases > 1000, `only ${cases} cases`);
});

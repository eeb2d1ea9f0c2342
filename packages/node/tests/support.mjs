// What the tests of the npm package share: a server for a file, projects that have the package, and programs in them.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { MongoClient } from 'mongodb';

export const root = path.resolve(import.meta.dirname, '../../..');
export const packageFolder = path.join(root, 'packages/node');
const modules = path.join(import.meta.dirname, 'node_modules');
const exec = promisify(execFile);

/** The program that was built. */
export function whimbrel() {
  const target = process.env.CARGO_TARGET_DIR ?? path.join(root, 'target');
  const program = path.resolve(process.env.WHIMBREL_BIN ?? path.join(target, 'debug', process.platform === 'win32' ? 'whimbrel.exe' : 'whimbrel'));
  if (!existsSync(program)) throw new Error(`${program} does not exist: run \`cargo build\``);
  return program;
}

/** The environment without settings of Whimbrel, of npm, and without colours. */
export function environment(more = {}) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(WHIMBREL_|MONGODB_URI$|npm_|NODE_TEST|INIT_CWD)/.test(name)));
  return { ...env, NO_COLOR: '1', ...more };
}

/** Starts a program, and hears what it says. */
export function start(program, args, { cwd, env = {} } = {}) {
  const child = spawn(program, args, { cwd, env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', chunk => { said[name] += chunk; });
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code: code ?? signal, ...said, output: said.stdout + said.stderr }));
  });
  return {
    child,
    ended,
    /** Waits until it has printed something, and gives all it has. */
    async until(text) {
      while (!(said.stdout + said.stderr).includes(text)) {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended without "${text}":\n${said.stdout}${said.stderr}`);
        await new Promise(resolve => { setTimeout(resolve, 10); });
      }
      return said.stdout + said.stderr;
    },
  };
}

export const run = (program, args, options) => start(program, args, options).ended;

/** A run that has to succeed. */
export function must(ran) {
  assert.equal(ran.code, 0, ran.output);
  return ran;
}

/** A server of its own, with a client, and projects on it. */
export async function startWorld() {
  const folders = [];
  const folder = () => {
    folders.push(realpathSync(mkdtempSync(path.join(tmpdir(), 'whimbrel-npm-'))));
    return folders.at(-1);
  };
  const server = start(whimbrel(), ['local', '--data-dir', folder(), '--port', '0']);
  const said = await server.until('/test\n');
  const uri = /mongodb:\/\/\S+?(?=\/test\b)/.exec(said)[0];
  const client = await new MongoClient(uri).connect();
  let count = 0;
  return {
    uri,
    client,
    folder,
    /** A database that nobody else has: `{ name, uri, db }`. */
    database() {
      count += 1;
      const name = `npm_${process.pid}_${count}`;
      return { name, uri: `${uri}/${name}`, db: client.db(name) };
    },
    /** A project with these files (path → text), this package and some others, on a database of its own. */
    project(files, { links = {}, type = 'module' } = {}) {
      const its = folder();
      const { name, uri: ownUri, db } = this.database();
      mkdirSync(path.join(its, 'node_modules'));
      for (const [link, target] of Object.entries({ whimbrel: packageFolder, mongodb: 'mongodb', mongoose: 'mongoose', bson: 'bson', ...links })) {
        symlinkSync(path.resolve(modules, target), path.join(its, 'node_modules', link), 'junction');
      }
      const write = (file, text) => {
        mkdirSync(path.dirname(path.join(its, file)), { recursive: true });
        writeFileSync(path.join(its, file), text);
      };
      for (const [file, text] of Object.entries({ 'package.json': JSON.stringify(type === undefined ? {} : { type }), ...files })) write(file, text);
      return {
        folder: its,
        database: name,
        uri: ownUri,
        db,
        write,
        row: migration => db.collection('migrations').findOne({ name: migration }),
        rows: () => db.collection('migrations').find().sort({ name: 1 }).toArray(),
        /** Options for a migrator of this project, in this very process. */
        options: (more = {}) => ({ uri: ownUri, directory: path.join(its, 'migrations/scripts'), ...more }),
        /** Runs a file or `-e` code of the project. */
        node: (args, env) => run(process.execPath, args, { cwd: its, env: { MONGODB_URI: ownUri, ...env } }),
        start: (args, env) => start(process.execPath, args, { cwd: its, env: { MONGODB_URI: ownUri, ...env } }),
      };
    },
    async stop() {
      await client.close();
      server.child.kill('SIGTERM');
      await server.ended;
      for (const its of folders) rmSync(its, { recursive: true, force: true });
    },
  };
}

/** A migration with this `up`, and `head` above it. */
export const script = (body, head = '', back = '') => `${head}\nexport default async function up(db, client) {\n${body}\n}\nexport async function rollback(db, client) {\n${back}\n}\n`;
/** The files of a project with one migration. */
export const one = (body, head, back) => ({ 'migrations/scripts/001_a.js': script(body, head, back) });

/** What the package offers, loaded as applications load it. */
export const load = () => createRequire(import.meta.url)('../lib/index.cjs');

/** Packs the package and that of this platform, and gives the paths of both. */
export async function packed(folder) {
  const { stdout } = await exec(process.execPath, [path.join(packageFolder, 'tools/pack.mjs'), folder], { env: environment() });
  return stdout.trim().split('\n');
}

/** An error of the package, with this code. */
export const error = (code, message, hint) => thrown => {
  assert.equal(thrown.name, 'WhimbrelError', thrown.stack);
  assert.equal(thrown.code, code, thrown.stack);
  if (message) assert.match(thrown.message, message);
  if (hint) assert.match(thrown.hint ?? '', hint);
  return true;
};

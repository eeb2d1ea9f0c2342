// Projects whose migrations run in Node.js, and the program that runs them.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { MongoClient } from 'mongodb';
import { environment, startServer, whimbrel } from '../fidelity/servers.mjs';

const packages = path.resolve(import.meta.dirname, '../node_modules');

/** A server for the projects of one test file, with a client. */
export async function startWorld() {
  const server = await startServer();
  const client = await new MongoClient(server.uri).connect();
  let count = 0;
  const folders = [];
  return {
    server,
    client,
    /**
     * A project with these files (path → text), on a database of its own. `modules` are the packages it has: all of
     * the tests' own by default, else an object of names and what to take for them.
     */
    project(files, { modules } = {}) {
      count += 1;
      const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'whimbrel-node-runtime-')));
      folders.push(folder);
      if (modules === undefined) {
        symlinkSync(packages, path.join(folder, 'node_modules'), 'junction');
      } else {
        mkdirSync(path.join(folder, 'node_modules'));
        for (const [name, target] of Object.entries(modules)) {
          symlinkSync(path.join(packages, target), path.join(folder, 'node_modules', name), 'junction');
        }
      }
      for (const [name, text] of Object.entries({ 'package.json': '{ "private": true }\n', 'whimbrel.toml': 'runtime = "node"\n', ...files })) {
        const file = path.join(folder, name);
        mkdirSync(path.dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
      const database = `node_runtime_${count}`;
      const placed = args => (args.includes('--uri') ? args : [...args, '--uri', `${server.uri}/${database}`]);
      return {
        folder,
        database,
        db: client.db(database),
        row: name => client.db(database).collection('migrations').findOne({ name }),
        run: (...args) => run(folder, placed(args)),
        start: (args, options) => start(folder, placed(args), options),
        write: (name, text) => writeFileSync(path.join(folder, name), text),
      };
    },
    async stop() {
      await client.close();
      await server.stop();
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function start(folder, args, { env = {} } = {}) {
  const child = spawn(whimbrel(), args, { cwd: folder, env: { ...environment(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', chunk => { said[name] += chunk; });
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code: code ?? signal, ...said, output: said.stdout + said.stderr }));
  });
  return {
    child,
    ended,
    /** Waits until it has printed something. */
    async until(text) {
      while (!(said.stdout + said.stderr).includes(text)) {
        if (child.exitCode !== null) throw new Error(`it ended without "${text}":\n${said.stdout}${said.stderr}`);
        await new Promise(resolve => { setTimeout(resolve, 10); });
      }
    },
  };
}

const run = (folder, args, options) => start(folder, args, options).ended;

/** A migration with this `up`, and `head` above it. */
export const script = (body, head = '') => `${head}\nexport async function up(db, client) {\n${body}\n}\nexport async function rollback(db, client) {}\n`;
/** The files of a project with one migration. */
export const one = (body, head) => ({ 'migrations/scripts/001_a.js': script(body, head) });

/** A run that has to succeed. */
export function must(ran) {
  assert.equal(ran.code, 0, ran.output);
  return ran;
}

/** Tests that run beside each other. */
export const group = (name, body) => test(name, { concurrency: 4 }, body);

// Two servers of the same kind, one for each side, so that both can use the same database names.

import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { MongoClient } from 'mongodb';

const root = path.resolve(import.meta.dirname, '../../..');

/** The program under test: `WHIMBREL_BIN`, or what `cargo build` made. */
export function whimbrel() {
  const given = process.env.WHIMBREL_BIN;
  const target = process.env.CARGO_TARGET_DIR ?? path.join(root, 'target');
  const built = path.join(target, 'debug', process.platform === 'win32' ? 'whimbrel.exe' : 'whimbrel');
  const program = path.resolve(given ?? built);
  if (!existsSync(program)) throw new Error(`${program} does not exist: run \`cargo build\`, or set WHIMBREL_BIN`);
  return program;
}

/** Starts `whimbrel local` on an empty folder; `stop` ends it and removes the folder. */
export async function startServer() {
  const folder = mkdtempSync(path.join(tmpdir(), 'whimbrel-fidelity-server-'));
  const child = spawn(whimbrel(), ['local', '--data-dir', folder, '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise(resolve => { child.once('exit', resolve); });
  let said = '';
  const uri = await new Promise((resolve, reject) => {
    const listen = chunk => {
      said += chunk;
      const found = said.match(/mongodb:\/\/\S+?(?=\/test\b)/);
      if (found) resolve(found[0]);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('error', reject);
    child.once('exit', code => reject(new Error(`whimbrel local ended with ${code}: ${said}`)));
  });
  return {
    uri,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The environment without settings of Whimbrel, and without colours. */
export function environment(more = {}) {
  const env = { ...process.env, NO_COLOR: '1', ...more };
  for (const name of Object.keys(env)) if (/^(WHIMBREL_|MONGODB_URI$)/.test(name)) delete env[name];
  return env;
}

/** A server with a client, and `up` for the migrations of a folder; `stop` ends both. */
export async function startStage() {
  const server = await startServer();
  const client = await new MongoClient(server.uri).connect();
  return {
    client,
    async up(database, folder, more) {
      const args = ['up', '--uri', server.uri, '--database', database, '--dir', folder];
      await promisify(execFile)(whimbrel(), args, { cwd: path.join(root, 'tests/node'), env: environment(more) });
    },
    async stop() {
      await client.close();
      await server.stop();
    },
  };
}

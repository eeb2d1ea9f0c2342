// The example with Express, installed from what is published, and started for real.

import assert from 'node:assert/strict';
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { must, packed, root, run, start, startWorld } from './support.mjs';

const SCRIPT = 'migrations/scripts/002_add_post_likes_index.js';
let world;
let installed;
before(async () => {
  world = await startWorld();
  installed = path.join(world.folder(), 'express-server');
  cpSync(path.join(root, 'examples/express-server'), installed, { recursive: true, filter: file => !file.includes('node_modules') });
  const tarballs = await packed(world.folder());
  must(await run('npm', ['install', '--include=optional', '--no-audit', '--no-fund', '--prefer-offline', ...tarballs], { cwd: installed }));
});
after(() => world?.stop());

/** The example on a database of its own; files can be changed in it. */
function example() {
  const folder = path.join(world.folder(), 'app');
  cpSync(installed, folder, { recursive: true, verbatimSymlinks: true });
  const { uri, db } = world.database();
  const env = { MONGODB_URI: uri, PORT: '0' };
  return {
    folder,
    db,
    npm: (...args) => run('npm', ['run', '--silent', ...args], { cwd: folder, env }),
    serve: (file = 'server.js') => start(process.execPath, [file], { cwd: folder, env }),
  };
}

const titles = async db => (await db.collection('posts').find().toArray()).map(({ title, likes }) => [title, likes]);
const portIn = said => /listening on port (\d+)/.exec(said)[1];

async function end(server) {
  server.child.kill('SIGTERM');
  return must(await server.ended);
}

test('the npm scripts, one after another', async () => {
  const app = example();
  must(await app.npm('migrate:create', 'add_user_indexes', '--', '--description', 'Add indexes for user queries'));
  assert.ok(readdirSync(path.join(app.folder, 'migrations/scripts')).includes('003_add_user_indexes.js'));
  assert.match(must(await app.npm('migrate:up')).stdout, /Successful: 3\nSkipped: 0\nFailed: 0/);
  assert.match(must(await app.npm('migrate:status')).stdout, /Total migrations: 3\nApplied: 3/);
  assert.deepEqual(await titles(app.db), [['Hello', 0]]);
  must(await app.npm('migrate:down', '--', '--count', '2'));
  assert.deepEqual(await titles(app.db), [['Hello', undefined]]);
  assert.match(must(await app.npm('migrate:up')).stdout, /Successful: 2\nSkipped: 1/);
  must(await app.npm('migrate:reset', '--', '--yes'));
  assert.match(must(await app.npm('migrate:status')).stdout, /Applied: 0\nPending: 3/);
});

for (const file of ['server.js', 'server-mongoose.js']) {
  test(`${file} migrates, serves, and says that everything is applied`, async () => {
    const app = example();
    const server = app.serve(file);
    const said = await server.until('listening on port');
    assert.match(said, /running 002_add_post_likes_index\.js \(2 of 2\)/);
    const base = `http://127.0.0.1:${portIn(said)}`;
    const [post] = await (await fetch(`${base}/posts`)).json();
    assert.deepEqual([post.title, post.likes], ['Hello', 0]);
    const health = await fetch(`${base}/health/migrations`);
    assert.deepEqual([health.status, await health.json()], [200, { upToDate: true, total: 2, applied: 2, pending: 0, failed: 0 }]);
    await end(server);
  });

  test(`${file} does not serve with a migration that fails`, async () => {
    const app = example();
    const text = readFileSync(path.join(app.folder, SCRIPT), 'utf8');
    writeFileSync(path.join(app.folder, SCRIPT), text.replace('let done = 0;', "throw new Error('out of likes');"));
    const ended = await app.serve(file).ended;
    assert.equal(ended.code, 1, ended.output);
    assert.match(ended.stderr, /error: migration 002_add_post_likes_index\.js failed: Error: out of likes/);
    assert.doesNotMatch(ended.stdout, /listening/);
    assert.equal(await app.db.collection('migrations').countDocuments({ status: 'failed' }), 1);
    // Mended, the next start goes on.
    writeFileSync(path.join(app.folder, SCRIPT), text);
    const server = app.serve(file);
    await server.until('listening on port');
    await end(server);
  });

  test(`ten of ${file} at once migrate once and all serve`, async () => {
    const app = example();
    const servers = Array.from({ length: 10 }, () => app.serve(file));
    const said = await Promise.all(servers.map(server => server.until('listening on port')));
    assert.equal(said.filter(text => text.includes('running 001_initial_setup.js')).length, 1);
    assert.equal(await app.db.collection('migrations_log').countDocuments({ event: 'migration_completed' }), 2);
    await Promise.all(servers.map(end));
    rmSync(app.folder, { recursive: true, force: true });
  });
}

// The contract, as its users have it: installed from what is published, into an empty project, its code blocks one after another.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { must, packageFolder, packed, run, startWorld } from './support.mjs';

let world;
let tarballs;
before(async () => {
  world = await startWorld();
  tarballs = await packed(world.folder());
});
after(() => world?.stop());

const npm = (cwd, args, env) => run('npm', args, { cwd, env });
/** From files, and nothing else of the package from anywhere. */
const install = (cwd, ...more) => npm(cwd, ['install', '--include=optional', '--no-audit', '--no-fund', '--prefer-offline', ...tarballs, ...more]);

const SERVER = `import AutoMigrator from 'whimbrel/autoMigrate';
import { createServer } from 'node:http';

const autoMigrator = new AutoMigrator();
await autoMigrator.runOnStartup({ exitOnError: true });
const status = await autoMigrator.checkMigrationStatus();
const server = createServer((_, response) => response.end('ok'));
server.listen(0, () => {
  console.log('listening', JSON.stringify(status));
  server.close();
});
`;

for (const type of ['module', 'commonjs']) {
  test(`an empty project of ${type} becomes one with migrations`, async () => {
    const folder = world.folder();
    const { uri, db } = world.database();
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'app', private: true, type }));
    must(await install(folder));
    assert.deepEqual(readdirSync(path.join(folder, 'node_modules')).filter(name => !name.startsWith('.')).sort(), ['@whimbrel', 'whimbrel']);

    const initialised = must(await npm(folder, ['exec', '--', 'whimbrel', 'init']));
    for (const file of ['whimbrel.toml', 'migrations/scripts/001_initial_setup.js', 'migrations/migrator.js', 'migrations/autoMigrate.js', 'migrations/cli.js']) {
      assert.ok(existsSync(path.join(folder, file)), `${file}: ${initialised.output}`);
    }
    const { scripts } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    assert.deepEqual(Object.keys(scripts), ['migrate:up', 'migrate:down', 'migrate:status', 'migrate:create', 'migrate:reset']);
    must(await npm(folder, ['exec', '--', 'whimbrel', 'init']));

    const env = { MONGODB_URI: uri };
    const created = must(await npm(folder, ['run', 'migrate:create', 'add_user_indexes', '--', '--description', 'Add indexes for user queries'], env));
    const file = path.join(folder, 'migrations/scripts/002_add_user_indexes.js');
    assert.match(created.stdout, /002_add_user_indexes\.js/);
    assert.match(readFileSync(file, 'utf8'), /^\/\/ Description: Add indexes for user queries$/m);
    writeFileSync(file, readFileSync(file, 'utf8').replace(/(export default async function up\(db[^{]*\{\n)/, "$1  await db.collection('users').createIndex({ email: 1 }, { unique: true });\n"));

    const up = must(await npm(folder, ['run', 'migrate:up'], env));
    assert.match(up.stdout, /002_add_user_indexes\.js completed successfully \(\d+ms\)/);
    assert.ok((await db.collection('users').indexes()).some(index => index.key.email === 1 && index.unique));
    const status = must(await npm(folder, ['run', 'migrate:status'], env));
    assert.match(status.stdout, /Total migrations: 2\nApplied: 2\nPending: 0\nFailed: 0/);
    const down = must(await npm(folder, ['run', 'migrate:down', '--', '--count', '1'], env));
    assert.match(down.stdout, /002_add_user_indexes\.js/);
    assert.equal(await db.collection('migrations').countDocuments({ status: 'completed' }), 1);
    must(await npm(folder, ['run', 'migrate:reset', '--', '--yes'], env));
    assert.equal(await db.collection('migrations').countDocuments(), 0);

    await db.collection('users').drop();
    writeFileSync(path.join(folder, 'server.mjs'), SERVER);
    const served = must(await run(process.execPath, ['server.mjs'], { cwd: folder, env }));
    assert.match(served.stdout, /running 002_add_user_indexes\.js \(2 of 2\)/);
    assert.match(served.stdout, /listening \{"upToDate":true,"total":2,"applied":2,"pending":0,"failed":0\}/);

    // The project's own modules know its settings, wherever the process was started.
    const elsewhere = world.folder();
    const own = path.join(folder, 'migrations');
    const text = type === 'module'
      ? `import Migrator from '${own}/migrator.js'; import AutoMigrator from '${own}/autoMigrate.js';`
      : `const Migrator = require('${own}/migrator.js'); const AutoMigrator = require('${own}/autoMigrate.js');`;
    const body = `${text}\nconst migrator = new Migrator({ uri: '${uri}' });\nmigrator.runMigrations().then(async result => { console.log(result.success, result.migrationsSkipped, (await new AutoMigrator({ uri: '${uri}' }).getDetailedStatus()).total); });`;
    const ran = must(await run(process.execPath, [`--input-type=${type}`, '-e', body], { cwd: elsewhere }));
    assert.equal(ran.stdout.trim(), 'true 2 2');
    const cli = must(await run(process.execPath, ['migrations/cli.js', 'status', '--json'], { cwd: folder, env }));
    assert.equal(JSON.parse(cli.stdout).applied, 2);
  });
}

test('the command of the package is the program: flags, output, exit codes and signals', async () => {
  const project = world.project({ 'migrations/scripts/001_a.js': "export async function up() { throw new Error('no'); }", 'migrations/scripts/002_b.js': 'export async function up(db) { await new Promise(done => { setTimeout(done, 60000); }); }' });
  const bin = path.join(project.folder, 'node_modules/whimbrel/bin/whimbrel.js');
  const failed = await project.node([bin, 'up']);
  assert.equal(failed.code, 1, failed.output);
  assert.match(failed.output, /Error: no/);
  assert.equal((await project.node([bin, 'up', '--colour', 'no'])).code, 2);
  assert.equal((await project.node([bin, 'status', '--exit-code'])).code, 1);
  const { code, stdout } = await project.node([bin, 'up', '--json']);
  assert.equal(code, 1);
  assert.equal(JSON.parse(stdout.trim().split('\n').at(-1)).error.code, 'MIGRATION_FAILED');
  const long = project.start([bin, 'up', '002']);
  await long.until('002_b.js');
  long.child.kill('SIGTERM');
  const stopped = await long.ended;
  assert.equal(stopped.code, 130, stopped.output);
  assert.equal((await project.row('002_b.js')).status, 'failed');
  const lock = await project.db.collection('migrations_lock').findOne();
  assert.equal(lock.owner, null);
  const twice = project.start([bin, 'up', '002'], { WHIMBREL_GRACE: '60s' });
  await twice.until('002_b.js');
  twice.child.kill('SIGINT');
  await twice.until('once more stops at once');
  twice.child.kill('SIGINT');
  assert.equal((await twice.ended).code, 130);
});

test('what is missing of the package is said, with what to install', async () => {
  const folder = world.folder();
  const [main, native] = tarballs;
  writeFileSync(path.join(folder, 'package.json'), '{}');
  mkdirSync(path.join(folder, 'node_modules'));
  const unpack = async (file, to) => {
    mkdirSync(to, { recursive: true });
    must(await run('tar', ['-xzf', file, '-C', to, '--strip-components=1']));
  };
  await unpack(main, path.join(folder, 'node_modules/whimbrel'));
  const use = (...args) => run(process.execPath, [...args, '-e', "require('whimbrel')"], { cwd: folder });
  const name = path.basename(native).replace(/^whimbrel-(binding-.*)-\d+\.\d+\.\d+\.tgz$/, '@whimbrel/$1');
  const missing = await use();
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, new RegExp(`is not installed: the package ${name}`));
  const told = await run(process.execPath, ['node_modules/whimbrel/bin/whimbrel.js', 'up'], { cwd: folder });
  assert.equal(told.code, 2);
  assert.match(told.stderr, new RegExp(`hint: npm install ${name}@\\d`));

  const own = path.join(packageFolder, `whimbrel.${name.replace('@whimbrel/binding-', '')}.node`);
  must(await run(process.execPath, ['-e', "require('whimbrel')"], { cwd: folder, env: { WHIMBREL_NATIVE_PATH: own } }));

  const place = path.join(folder, 'node_modules', name);
  await unpack(native, place);
  must(await use());
  const { main: file } = JSON.parse(readFileSync(path.join(place, 'package.json'), 'utf8'));
  writeFileSync(path.join(place, file), 'this is no library');
  const broken = await run(process.execPath, ['node_modules/whimbrel/bin/whimbrel.js', 'up'], { cwd: folder });
  assert.equal(broken.code, 2);
  assert.match(broken.stderr, new RegExp(`error: the native part of whimbrel, ${name}, cannot be loaded: .*\\n(caused by: .*\\n)?hint: install it anew: npm install --force ${name}@`));

  // As on another machine: the platform is none that there is a package for, or has one that was not installed.
  const none = await run(process.execPath, ['-e', "Object.defineProperty(process, 'platform', { value: 'aix' }); require('whimbrel')"], { cwd: folder });
  assert.match(none.stderr, /there is no native part of whimbrel for this platform, aix-/);
  assert.match(none.stderr, /there are packages for darwin-arm64, /);
  const other = await run(process.execPath, ['-e', "Object.defineProperty(process, 'platform', { value: 'darwin' }); require('whimbrel')"], { cwd: folder });
  assert.match(other.stderr, /the package @whimbrel\/binding-darwin-/);
  assert.match(other.stderr, /there is one for linux-.*: node_modules come from another machine/);
});

// What is checked in and must fit together: the typings of the native part, those of the package, the platforms, the
// versions, and what is published.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { generateTypeDef } from '@napi-rs/cli';
import { must, packageFolder, packed, root, run } from './support.mjs';

const require = createRequire(import.meta.url);
const json = (...parts) => JSON.parse(readFileSync(path.join(packageFolder, ...parts), 'utf8'));
const manifest = json('package.json');
let scratch;
let tarballs;
before(async () => {
  scratch = mkdtempSync(path.join(tmpdir(), 'whimbrel-package-'));
  tarballs = await packed(scratch);
});
after(() => rmSync(scratch, { recursive: true, force: true }));

test('the typings of the native part are those of the functions that were built', async () => {
  const typeDefDir = path.join(process.env.CARGO_TARGET_DIR ?? path.join(root, 'target'), 'napi-types');
  assert.ok(readdirSync(typeDefDir).length > 0, 'the native part is built by `cargo xtask`');
  const { dts } = await generateTypeDef({ typeDefDir, cwd: packageFolder });
  const file = path.join(packageFolder, 'lib/internal/binding.d.cts');
  if (process.env.UPDATE_BINDING) writeFileSync(file, dts);
  assert.equal(existsSync(file) && readFileSync(file, 'utf8'), dts, 'UPDATE_BINDING=1 node --test package.test.mjs writes lib/internal/binding.d.cts anew');
});

test('every setting is an option in the typings, and every option there is one', () => {
  const declared = readFileSync(path.join(packageFolder, 'lib/index.d.cts'), 'utf8');
  const [, body] = /export interface MigratorOptions \{\n([^]*?)\n\}/.exec(declared);
  const options = [...body.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name);
  const settings = require('../lib/internal/binding.cjs').settingOptions().map(({ option }) => (option === 'dir' ? 'directory' : option));
  assert.deepEqual([...options].sort(), [...settings, 'client', 'connection', 'config', 'logger'].sort());
});

test('typings are what the package is: tsc, in both kinds of modules', async () => {
  const folder = path.join(scratch, 'typed');
  mkdirSync(path.join(folder, 'node_modules'), { recursive: true });
  symlinkSync(packageFolder, path.join(folder, 'node_modules/whimbrel'), 'junction');
  for (const name of ['mongodb', 'mongoose', '@types', 'bson']) symlinkSync(path.join(import.meta.dirname, 'node_modules', name), path.join(folder, 'node_modules', name), 'junction');
  const use = `
import { MongoClient, type Db } from 'mongodb';
import mongoose from 'mongoose';
const migrator = new Migrator({ uri: 'mongodb://h/db', lockTtl: '30s', timeout: null, client: new MongoClient('mongodb://h') });
new Migrator({ connection: mongoose.connection });
new Migrator({ connection: mongoose, logger: console });
export async function main() {
  const { success, migrationsRun, migrationsSkipped, migrationsFailed } = await migrator.runMigrations({ force: ['001'], stopOnError: true, signal: AbortSignal.timeout(5) });
  const total: number = migrationsRun + migrationsSkipped + migrationsFailed;
  await migrator.rollbackMigrations(2, { stopOnError: false });
  await migrator.rollbackMigrations({ all: true });
  const { migrations: [first] } = await migrator.getMigrationStatus();
  const at: Date | null = first!.appliedAt;
  for await (const event of migrator.events()) if (event.event === 'progress') console.log(event.name);
  migrator.on('event', event => event);
  const started = await new AutoMigrator().runOnStartup({ exitOnError: true });
  try { await migrator.close(); } catch (error) { if (error instanceof WhimbrelError) console.log(error.code, error.hint, error.report?.migrationsRun, error.explain()); }
  log('info', 'x', { a: 1 });
  progress(1, null);
  const up: Up = async (db: Db) => { await db.collection('x').drop(); };
  const migration: Migration = { up, down: up };
  return [success, total, at, started.outcome, migration];
}
// @ts-expect-error there is no such option
new Migrator({ databse: 'x' });
// @ts-expect-error and no such value
new Migrator({ onModified: 'ask' });
`;
  writeFileSync(path.join(folder, 'esm.mts'), `import AutoMigrator from 'whimbrel/autoMigrate';\nimport Migrator, { AutoMigrator as Same } from 'whimbrel/migrator';\nimport { WhimbrelError, log, progress, type Migration, type Up } from 'whimbrel';\nexport const same: typeof AutoMigrator = Same;\n${use}`);
  writeFileSync(path.join(folder, 'common.cts'), `import AutoMigrator = require('whimbrel/autoMigrate');\nimport Migrator = require('whimbrel/migrator');\nimport { WhimbrelError, log, progress, type Migration, type Up } from 'whimbrel';\nexport const same: typeof AutoMigrator.AutoMigrator = AutoMigrator.default;\n${use}`.replace("import mongoose from 'mongoose'", "import mongoose = require('mongoose')"));
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { module: 'node16', moduleResolution: 'node16', target: 'es2022', lib: ['es2023', 'esnext.disposable'], strict: true, noEmit: true, skipLibCheck: false, preserveSymlinks: true, esModuleInterop: true, types: ['node'] }, include: ['*.mts', '*.cts'] }));
  const checked = await run(process.execPath, [path.join(import.meta.dirname, 'node_modules/typescript/bin/tsc'), '-p', folder]);
  const own = checked.stdout.split('\n').filter(line => !/node_modules\/(mongodb|mongoose|bson|@types)\//.test(line) && /error TS/.test(line));
  assert.deepEqual(own, []);
});

test('what is published has the right form', async () => {
  const [main] = tarballs;
  const folder = path.join(scratch, 'unpacked');
  mkdirSync(folder);
  must(await run('tar', ['-xzf', main, '-C', folder, '--strip-components=1']));
  const bin = name => path.join(import.meta.dirname, 'node_modules/.bin', name);
  must(await run(bin('publint'), ['run', folder, '--strict']));
  must(await run(bin('attw'), [main, '--profile', 'node16', '--exclude-entrypoints', 'cli', '--no-color', '--no-emoji'], { cwd: scratch }));
  assert.deepEqual(readdirSync(folder).sort(), ['LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'bin', 'lib', 'package.json']);
});

test('the platforms are the same everywhere, and so are the versions', () => {
  const { PLATFORMS } = require('../lib/internal/platform.cjs');
  const cargo = readFileSync(path.join(root, 'Cargo.toml'), 'utf8');
  assert.equal(/^version = "(.*)"/m.exec(cargo)[1], manifest.version);
  assert.deepEqual(readdirSync(path.join(packageFolder, 'npm')).sort(), PLATFORMS);
  assert.deepEqual(manifest.optionalDependencies, Object.fromEntries(PLATFORMS.map(name => [`@whimbrel/binding-${name}`, manifest.version])));
  for (const name of PLATFORMS) {
    const its = json('npm', name, 'package.json');
    const [system, arch, library] = name.split('-');
    assert.deepEqual([its.name, its.version, its.main, its.files, its.os, its.cpu], [`@whimbrel/binding-${name}`, manifest.version, `whimbrel.${name}.node`, [`whimbrel.${name}.node`], [system], [arch]]);
    assert.deepEqual(its.libc, { gnu: ['glibc'], musl: ['musl'] }[library]);
    assert.equal(its.license, manifest.license);
  }
  const { napi } = manifest;
  assert.equal(napi.targets.length, PLATFORMS.length);
  const workflow = readFileSync(path.join(root, '.github/workflows/release-npm.yml'), 'utf8');
  for (const target of napi.targets) assert.ok(workflow.includes(`target: ${target}\n`), target);
});

// Measures what an application notices of the package, beside migrate-mongo: size and number of packages, the time of
// `import`, and that of a start with nothing to do (50 applied migrations), each in a process of its own, in turns.
//
//     cargo xtask node && node tools/bench.mjs [ROUNDS]
//
// The package is installed from what is published; migrate-mongo and its driver come from npm. The server is the local
// one (`cargo build --package whimbrel-cli`).

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const own = fileURLToPath(new URL('..', import.meta.url));
const rounds = Number(process.argv[2] ?? 15);
const scratch = mkdtempSync(path.join(tmpdir(), 'whimbrel-bench-'));
const npm = (cwd, ...args) => execFileSync('npm', args, { cwd, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' });

function sizeOf(file) {
  const facts = lstatSync(file);
  return facts.isDirectory() ? readdirSync(file).reduce((sum, name) => sum + sizeOf(path.join(file, name)), 0) : facts.size;
}

function countOf(modules) {
  return readdirSync(modules).filter(name => !name.startsWith('.')).reduce((sum, name) => sum + (name.startsWith('@') ? readdirSync(path.join(modules, name)).length : 1), 0);
}

function project(name, ...packages) {
  const folder = path.join(scratch, name);
  mkdirSync(path.join(folder, 'migrations/scripts'), { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
  npm(folder, 'install', '--include=optional', '--no-audit', '--no-fund', '--silent', ...packages);
  for (let n = 1; n <= 50; n += 1) {
    const file = path.join(folder, 'migrations/scripts', `${String(n).padStart(3, '0')}_m.js`);
    writeFileSync(file, `export const up = async db => { await db.collection('ran').insertOne({ n: ${n} }); };\nexport const down = async () => {};\n`);
  }
  const modules = path.join(folder, 'node_modules');
  console.log(`${name}: ${countOf(modules)} packages, ${(sizeOf(modules) / 1e6).toFixed(1)} MB`);
  return folder;
}

const median = numbers => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Runs the files of both projects in turns, and gives the medians of what they print. */
function compare(what, file, folders, env) {
  const times = folders.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    folders.forEach((cwd, at) => times[at].push(Number(execFileSync(process.execPath, [file], { cwd, env: { ...process.env, ...env }, encoding: 'utf8' }))));
  }
  const [ours, theirs] = times.map(median);
  console.log(`${what}: ${ours.toFixed(1)} ms beside ${theirs.toFixed(1)} ms, ratio ${(ours / theirs).toFixed(2)}`);
}

const server = spawn(path.resolve(own, '../../target/debug/whimbrel'), ['local', '--data-dir', path.join(scratch, 'data'), '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
try {
  const [line] = await once(server.stdout, 'data');
  const uri = /mongodb:\/\/\S+?(?=\/test)/.exec(String(line))[0];
  const tarballs = execFileSync(process.execPath, [path.join(own, 'tools/pack.mjs'), path.join(scratch, 'packed')], { encoding: 'utf8' }).trim().split('\n');
  const ours = project('whimbrel', ...tarballs);
  const theirs = project('migrate-mongo', 'migrate-mongo', 'mongodb');
  writeFileSync(path.join(theirs, 'migrate-mongo-config.js'), `export default { mongodb: { url: process.env.MONGODB_URI, databaseName: 'theirs' }, migrationsDir: 'migrations/scripts', changelogCollectionName: 'changelog', lockCollectionName: 'lock', lockTtl: 0, migrationFileExtension: '.js', useFileHash: true, moduleSystem: 'esm' };`);
  const timed = body => `const began = performance.now();\n${body}\nprocess.stdout.write(String(performance.now() - began));\n`;
  writeFileSync(path.join(ours, 'import.mjs'), timed("await import('whimbrel');"));
  writeFileSync(path.join(theirs, 'import.mjs'), timed("await import('migrate-mongo');"));
  writeFileSync(path.join(ours, 'start.mjs'), timed("const { AutoMigrator } = await import('whimbrel');\nconst auto = new AutoMigrator({ uri: `${process.env.MONGODB_URI}/ours`, logger: false });\nawait auto.runOnStartup();"));
  writeFileSync(path.join(theirs, 'start.mjs'), `${timed("const { config, database, up } = await import('migrate-mongo');\nconst { db, client } = await database.connect();\nawait up(db, client);")}await client.close();\n`);
  const env = { MONGODB_URI: uri };
  for (const cwd of [ours, theirs]) execFileSync(process.execPath, ['start.mjs'], { cwd, env: { ...process.env, ...env } });
  compare('import', 'import.mjs', [ours, theirs], env);
  compare('start with nothing to do', 'start.mjs', [ours, theirs], env);
} finally {
  server.kill();
  await once(server, 'exit');
  rmSync(scratch, { recursive: true, force: true });
}

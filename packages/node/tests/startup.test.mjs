// `AutoMigrator`: what a server does at its start.

import assert from 'node:assert/strict';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { error, load, must, one, script, startWorld } from './support.mjs';

const { AutoMigrator, Migrator } = load();
let world;
before(async () => { world = await startWorld(); });
after(() => world?.stop());

const insert = n => script(`await db.collection('ran').insertOne({ n: ${n} });`);
/** A server that says when it serves. */
const server = (options = '{ exitOnError: true }', head = '') => ({
  'server.mjs': `import AutoMigrator from 'whimbrel/autoMigrate';\n${head}\nconst started = await new AutoMigrator().runOnStartup(${options});\nconsole.log('serving', started.outcome, started.migrationsRun);\n`,
});

test('what is due is applied, then the server serves; with nothing to do it says nothing', async () => {
  const project = world.project({ ...server(), 'migrations/scripts/001_a.js': insert(1) });
  const first = must(await project.node(['server.mjs']));
  assert.match(first.stdout, /^whimbrel: running 001_a\.js \(1 of 1\)\nwhimbrel: 001_a\.js completed \(\d+ms\)\nserving migrated 1\n$/);
  const second = must(await project.node(['server.mjs']));
  assert.equal(second.output, 'serving upToDate 0\n');
});

test('the result says how it went', async t => {
  const project = world.project({ 'migrations/scripts/001_a.js': insert(1) });
  const auto = new AutoMigrator({ ...project.options(), logger: false });
  t.after(() => auto.close());
  const started = await auto.runOnStartup();
  assert.deepEqual([started.outcome, started.success, started.migrationsRun, started.waited, started.newer], ['migrated', true, 1, null, []]);
  assert.ok(started.duration >= 0);
  assert.ok(auto.migrator instanceof Migrator);
  await assert.rejects(auto.runOnStartup({ exitOnErr: true }), error('OPTION_INVALID', /runOnStartup has no option `exitOnErr`/, /did you mean `exitOnError`\?/));
});

test('a failing migration ends the process with the report and the exit code of the command line', async () => {
  const project = world.project({ ...server(), ...one("throw new TypeError('not today');") });
  const ended = await project.node(['server.mjs']);
  assert.equal(ended.code, 1, ended.output);
  assert.match(ended.stderr, /error: migration 001_a\.js failed: TypeError: not today/);
  assert.doesNotMatch(ended.stdout, /serving/);
  const caught = await world.project({ ...server('{}', "process.on('uncaughtException', error => { console.log('caught', error.code); process.exit(9); });"), ...one("throw new Error('no');") }).node(['server.mjs']);
  assert.deepEqual([caught.code, caught.stdout.trim().split('\n').at(-1)], [9, 'caught MIGRATION_FAILED']);
  const away = await project.node(['server.mjs'], { MONGODB_URI: 'mongodb://127.0.0.1:1/app?serverSelectionTimeoutMS=50' });
  assert.equal(away.code, 5, away.output);
  assert.match(away.stderr, /^error: .*\n(caught|caused by|hint)/);
  project.write('migrations/scripts/001_a.js', insert(1));
  must(await project.node(['server.mjs']));
  project.write('migrations/scripts/001_a.js', insert(2));
  const drift = await project.node(['server.mjs']);
  assert.equal(drift.code, 4, drift.output);
  assert.match(drift.stderr, /hint: /);
});

test('ten servers at once run each migration once, and all of them serve', async () => {
  const project = world.project({ ...server(), 'migrations/scripts/001_a.js': insert(1), 'migrations/scripts/002_b.js': script("await db.collection('ran').insertOne({ n: 2 }); await new Promise(done => { setTimeout(done, 300); });") });
  const all = await Promise.all(Array.from({ length: 10 }, () => project.node(['server.mjs'])));
  for (const ended of all) assert.match(must(ended).stdout, /serving (migrated 2|migratedElsewhere 0|upToDate 0)/);
  assert.equal(all.filter(({ stdout }) => stdout.includes('serving migrated ')).length, 1);
  assert.deepEqual((await project.db.collection('ran').find().sort({ n: 1 }).toArray()).map(({ n }) => n), [1, 2]);
});

test('a signal stops a start in order, and then does what it always did', async () => {
  const files = { ...server(), ...one("await db.collection('ran').insertOne({ n: 1 });\nawait new Promise(done => { setTimeout(done, 60000); });") };
  for (const signal of ['SIGTERM', 'SIGINT']) {
    const project = world.project(files);
    const running = project.start(['server.mjs']);
    await running.until('running 001_a.js');
    running.child.kill(signal);
    const ended = await running.ended;
    assert.equal(ended.code, signal, ended.output);
    assert.equal((await project.row('001_a.js')).status, 'failed');
    assert.equal((await project.db.collection('migrations_lock').findOne()).owner, null);
  }
  // One that listens itself is told, and decides, also if it listens once.
  for (const listen of ['on', 'once']) {
    const project = world.project({ ...files, ...server('{ exitOnError: true }', `process.${listen}('SIGTERM', () => { console.log('told'); });`) });
    const running = project.start(['server.mjs']);
    await running.until('running 001_a.js');
    running.child.kill('SIGTERM');
    const ended = await running.ended;
    assert.match(ended.stdout, /told/);
    assert.match(ended.stderr, /interrupted/);
    assert.equal((await project.row('001_a.js')).status, 'failed');
  }
});

test('two starts in one process both end in order at a signal', async () => {
  const [first, second] = [1, 2].map(() => world.project(one("await db.collection('ran').insertOne({ n: 1 });\nawait new Promise(done => { setTimeout(done, 60000); });")));
  first.write('server.mjs', `import AutoMigrator from 'whimbrel/autoMigrate';
await Promise.all(${JSON.stringify([first, second].map(project => project.options()))}.map(options => new AutoMigrator(options).runOnStartup({ exitOnError: true })));`);
  const running = first.start(['server.mjs']);
  while ((await Promise.all([first, second].map(project => project.db.collection('ran').countDocuments()))).includes(0)) await new Promise(resolve => { setTimeout(resolve, 10); });
  running.child.kill('SIGTERM');
  const ended = await running.ended;
  assert.equal(ended.code, 'SIGTERM', ended.output);
  for (const project of [first, second]) {
    assert.equal((await project.row('001_a.js')).status, 'failed');
    assert.equal((await project.db.collection('migrations_lock').findOne()).owner, null);
  }
});

test('the process ends although nobody reads the report', async () => {
  const project = world.project({ ...server(), ...one(`throw new Error('x'.repeat(${1 << 20}));`) });
  const running = project.start(['server.mjs']);
  running.child.stderr.destroy();
  assert.equal((await running.ended).code, 1);
});

test('a start can be limited, and aborted', async t => {
  const project = world.project(one('await new Promise(done => { setTimeout(done, 60000); });'));
  const make = () => {
    const auto = new AutoMigrator({ ...project.options(), logger: false });
    t.after(() => auto.close());
    return auto;
  };
  await assert.rejects(make().runOnStartup({ timeout: '300ms' }), error('RUN_TIMEOUT'));
  const auto = make();
  const stop = new AbortController();
  auto.migrator.once('started', () => stop.abort(new Error('deployment ended')));
  await assert.rejects(auto.runOnStartup({ signal: stop.signal }), thrown => error('INTERRUPTED')(thrown) && thrown.cause.message === 'deployment ended');
  assert.equal(process.listenerCount('SIGTERM'), 0);
});

test('a replica waits for the one that migrates', async t => {
  const project = world.project(one("await db.collection('ran').insertOne({ n: 1 });\nwhile (!(await db.collection('signs').findOne())) await new Promise(done => { setTimeout(done, 20); });"));
  const [first, second] = [1, 2].map(() => new AutoMigrator({ ...project.options(), logger: false }));
  t.after(() => Promise.all([first.close(), second.close()]));
  const migrating = first.runOnStartup();
  await new Promise(resolve => { first.migrator.once('started', resolve); });
  const waiting = second.runOnStartup();
  await new Promise(resolve => { second.migrator.once('lockWaiting', resolve); });
  await project.db.collection('signs').insertOne({});
  assert.equal((await migrating).outcome, 'migrated');
  const waited = await waiting;
  assert.equal(waited.outcome, 'migratedElsewhere');
  assert.ok(waited.waited > 0);
});

test('with the client of the application', async t => {
  const { MongoClient } = await import('mongodb');
  const project = world.project({ 'migrations/scripts/001_a.js': insert(1) });
  const client = new MongoClient(project.uri);
  const auto = new AutoMigrator({ client, directory: path.join(project.folder, 'migrations/scripts'), logger: false });
  t.after(async () => { await auto.close(); await client.close(); });
  assert.equal((await auto.runOnStartup({ exitOnError: true })).outcome, 'migrated');
  assert.equal((await auto.checkMigrationStatus()).upToDate, true);
});

// `Migrator` as applications use it, with migrations in Whimbrel itself.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { Worker } from 'node:worker_threads';
import { error, load, must, one, packageFolder, script, startWorld } from './support.mjs';

const { AutoMigrator, Migrator, WhimbrelError } = load();
let world;
before(async () => { world = await startWorld(); });
after(() => world?.stop());

const insert = n => `await db.collection('ran').insertOne({ n: ${n} });`;
const TWO = { 'migrations/scripts/001_a.js': script(insert(1), '// Description: the first'), 'migrations/scripts/002_b.js': script(insert(2)) };
const FAILING = { 'migrations/scripts/001_a.js': script(insert(1)), 'migrations/scripts/002_b.js': script("throw new TypeError('not today');"), 'migrations/scripts/003_c.js': script(insert(3)) };

/** A migrator that is closed when the test ends. */
function make(t, project, options, Class = Migrator) {
  const migrator = new Class(project.options(options));
  t.after(() => migrator.close());
  return migrator;
}

/** What was run, in order of its numbers: identifiers of one second are in none. */
const ran = async project => (await project.db.collection('ran').find().sort({ n: 1 }).toArray()).map(({ n }) => n);

test('migrations run, are skipped, forced, and rolled back', async t => {
  const project = world.project(TWO);
  const migrator = make(t, project);
  const first = await migrator.runMigrations();
  assert.deepEqual({ ...first, runId: 'x', migrations: first.migrations.map(({ executionTime, ...rest }) => rest) }, {
    success: true, runId: 'x', migrationsRun: 2, migrationsSkipped: 0, migrationsFailed: 0, migrationsNotStarted: 0,
    migrations: ['001_a.js', '002_b.js'].map(name => ({ name, direction: 'up', status: 'completed', error: null })), skipped: [], notStarted: [],
  });
  assert.ok(first.migrations.every(({ executionTime }) => Number.isInteger(executionTime)));
  const second = await migrator.runMigrations({ force: false, stopOnError: true });
  assert.deepEqual([second.success, second.migrationsRun, second.migrationsSkipped, second.skipped], [true, 0, 2, ['001_a.js', '002_b.js']]);
  assert.equal((await migrator.runMigrations({ force: ['002'] })).migrationsRun, 1);
  assert.equal((await migrator.runMigrations({ force: true })).migrationsRun, 2);
  assert.deepEqual(await ran(project), [1, 1, 2, 2, 2]);
  const back = await migrator.rollbackMigrations();
  assert.deepEqual(back.migrations.map(({ name, direction }) => [name, direction]), [['002_b.js', 'rollback']]);
  assert.equal((await migrator.rollbackMigrations(5)).migrationsRun, 1);
  assert.equal((await migrator.runMigrations({ to: '001' })).migrationsRun, 1);
  assert.equal((await migrator.runMigrations({ names: ['002_b.js'] })).migrationsRun, 1);
  assert.equal((await migrator.rollbackMigrations({ to: '001' })).migrations[0].name, '002_b.js');
  assert.equal((await migrator.runMigrations({ count: 1 })).migrationsRun, 1);
  assert.equal((await migrator.rollbackMigrations({ all: true })).migrationsRun, 2);
});

test('the status has what is stored, with dates', async t => {
  const project = world.project(TWO);
  const migrator = make(t, project);
  await migrator.runMigrations({ count: 1 });
  const status = await migrator.getMigrationStatus();
  assert.deepEqual([status.total, status.applied, status.pending, status.failed], [2, 1, 1, 0]);
  const [a, b] = status.migrations;
  assert.ok(a.appliedAt instanceof Date && Number.isInteger(a.executionTime) && a.checksum.startsWith('sha256:'));
  assert.deepEqual([a.name, a.version, a.description, a.status, a.state, a.error, a.rollback], ['001_a.js', '001', 'the first', 'completed', 'applied', null, false]);
  assert.deepEqual([b.name, b.status, b.appliedAt, b.executionTime], ['002_b.js', 'pending', null, null]);
  assert.equal(status.lock, null);
  const auto = make(t, project, {}, AutoMigrator);
  assert.deepEqual(await auto.checkMigrationStatus(), { upToDate: false, total: 2, applied: 1, pending: 1, failed: 0 });
  assert.equal((await auto.getDetailedStatus()).migrations.length, 2);
});

test('a failure rejects with what was done; with stopOnError: false it is part of the result', async t => {
  const project = world.project(FAILING);
  const migrator = make(t, project);
  const thrown = await migrator.runMigrations().then(() => assert.fail(), caught => caught);
  assert.ok(thrown instanceof WhimbrelError && thrown instanceof Error);
  assert.match(thrown.message, /TypeError: not today/);
  assert.deepEqual([thrown.code, thrown.exitCode, thrown.report.success, thrown.report.migrationsRun, thrown.report.migrationsFailed, thrown.report.notStarted], ['MIGRATION_FAILED', 1, false, 1, 1, ['003_c.js']]);
  assert.match(thrown.explain(), /^error: migration 002_b\.js failed: TypeError: not today/);
  const result = await migrator.runMigrations({ stopOnError: false });
  assert.deepEqual([result.success, result.migrationsRun, result.migrationsFailed, result.migrationsSkipped], [false, 1, 1, 1]);
  assert.match(result.migrations.find(({ status }) => status === 'failed').error, /not today/);
});

test('what the engine refuses is an error with its code, its cause and a next step', async t => {
  const project = world.project(TWO);
  const migrator = make(t, project, { lockWait: 0 });
  await migrator.runMigrations();
  project.write('migrations/scripts/001_a.js', script(insert(9)));
  await assert.rejects(migrator.runMigrations(), error('MIGRATION_MODIFIED', /001_a\.js/, /./));
  assert.equal((await migrator.verify()).ok, false);
  assert.equal((await make(t, project, {}, AutoMigrator).checkMigrationStatus()).upToDate, false);
  project.write('migrations/scripts/001_a.js', TWO['migrations/scripts/001_a.js']);
  assert.deepEqual((await migrator.verify()).findings, []);
  const away = new Migrator({ ...project.options(), uri: 'mongodb://127.0.0.1:1/app', serverSelectionTimeout: 50 });
  t.after(() => away.close());
  await assert.rejects(away.runMigrations(), thrown => {
    assert.equal(thrown.exitCode, 5, thrown.stack);
    assert.ok(thrown.cause === undefined || thrown.cause instanceof Error);
    return true;
  });
  // What failed once is tried again.
  await assert.rejects(away.getMigrationStatus(), WhimbrelError);
});

test('options are checked, and the name that was meant is said', () => {
  for (const [options, message, hint] of [
    [{ databse: 'x' }, /^Migrator has no option `databse`$/, /did you mean `database`\?/],
    [{ lock_ttl: '1s' }, /no option `lock_ttl`/, /did you mean `lockTtl`\?/],
    [{ zzz: 1 }, /no option `zzz`/, /its options are directory, client/],
    [{ json: true }, /no option `json`/, /./],
    [{ uri: 5 }, /`uri` must be text, and is a number/],
    [{ onModified: 'ask' }, /`onModified` is "ask", and must be one of "refuse", "warn", "rerun"/],
    [{ transaction: 'yes' }, /`transaction` must be true or false, and is a string/],
    [{ directory: 'a', dir: 'b' }, /`directory` and `dir` are the same/],
    [{ client: {}, connection: {} }, /exclude each other/],
    [{ logger: {} }, /`logger` must be false, or have the methods/],
    [{ timeout: -1 }, /`timeout` must be a number of milliseconds/],
    [{ lockWait: 1e21 }, /`lockWait` must be a number of milliseconds/],
    [{ permissionsRead: ['a,b'] }, /cannot hold a path with a comma/],
    [{ client: {}, runtime: 'node' }, /`runtime` has no meaning/],
    ['mongodb://x/y', /takes an object of options, and was given a string/],
    [null, /was given null/],
  ]) {
    assert.throws(() => new Migrator(options), error('OPTION_INVALID', message, hint), JSON.stringify(options));
  }
  assert.throws(() => new AutoMigrator({ databse: 'x' }), error('OPTION_INVALID', /^AutoMigrator has no option `databse`/));
  assert.throws(() => new AutoMigrator('x'), error('OPTION_INVALID', /an object of options/));
});

test('so are those of each call, before anything is done', async t => {
  const project = world.project(TWO);
  const migrator = make(t, project);
  for (const [call, message, hint] of [
    [() => migrator.runMigrations({ stopOnErrors: true }), /runMigrations has no option `stopOnErrors`/, /did you mean `stopOnError`\?/],
    [() => migrator.runMigrations({ force: 'yes' }), /`force` must be true or false/],
    [() => migrator.runMigrations({ to: '001', count: 1 }), /`to` and `count` exclude each other/],
    [() => migrator.runMigrations({ names: '001' }), /`names` must be an array/],
    [() => migrator.runMigrations({ signal: 5 }), /`signal` must be an AbortSignal/],
    [() => migrator.runMigrations({ lockWait: 'long' }), /`lockWait` must be a number of milliseconds/],
    [() => migrator.rollbackMigrations(-1), /`count` must be a whole number from 0, and is -1/],
    [() => migrator.rollbackMigrations('2'), /`count` must be a whole number/],
    [() => migrator.rollbackMigrations(2, { to: '001' }), /a number goes with none/],
    [() => migrator.rollbackMigrations(1, { all: true }), /a number goes with none/],
    [() => migrator.rollbackMigrations({ all: true, count: 1 }), /`all` goes with none/],
    [() => migrator.rollbackMigrations({ from: 'memory' }), /`from` must be "file" or "history"/],
    [() => migrator.createMigration(''), /takes the migration's name/],
    [() => migrator.createMigration('x', 5), /the description is a line of text/],
  ]) {
    await assert.rejects(call(), error('OPTION_INVALID', message, hint));
  }
  assert.equal(await project.db.collection('migrations').countDocuments(), 0);
});

test('without a database, or a name of one, it says how to give it, and shows no password', async t => {
  const project = world.project(TWO);
  const directory = path.join(project.folder, 'migrations/scripts');
  const none = await project.node(['-e', "const { Migrator } = require('whimbrel'); new Migrator().runMigrations().catch(error => console.log(error.code, error.hint));"], { MONGODB_URI: '' });
  assert.match(none.stdout, /^URI_MISSING give `uri`, `client` or `connection`/);
  const nameless = new Migrator({ uri: 'mongodb://user:s3cret@127.0.0.1:1', directory });
  t.after(() => nameless.close());
  await assert.rejects(nameless.runMigrations(), thrown => error('DATABASE_NAME_MISSING', /names no database/, /or give `database`/)(thrown) && !`${thrown.stack}${thrown.hint}`.includes('s3cret'));
  const malformed = new Migrator({ uri: 'mongodb://user:s3/cret@h/db', directory });
  t.after(() => malformed.close());
  await assert.rejects(malformed.runMigrations(), thrown => error('URI_INVALID')(thrown) && !`${thrown.stack}${thrown.hint}`.includes('s3/'));
});

test('settings come from whimbrel.toml, the environment and options, in this order', async () => {
  const project = world.project({ ...TWO, 'whimbrel.toml': 'collection = "of_file"\ndir = "migrations/scripts"\n', 'run.mjs': "import { Migrator } from 'whimbrel';\nconst options = JSON.parse(process.argv[2]);\nconst migrator = new Migrator(options);\nawait migrator.runMigrations();" });
  must(await project.node(['run.mjs', '{}']));
  must(await project.node(['run.mjs', '{}'], { WHIMBREL_COLLECTION: 'of_environment' }));
  must(await project.node(['run.mjs', '{"collection":"of_option"}'], { WHIMBREL_COLLECTION: 'of_environment' }));
  for (const name of ['of_file', 'of_environment', 'of_option']) assert.equal(await project.db.collection(name).countDocuments(), 2, name);
  const value = await project.node(['run.mjs', '{"lockTtl":"1 year"}']);
  assert.match(value.stderr, /the option `lockTtl`: /);
  const folder = await project.node(['run.mjs', '{"directory":"nowhere"}']);
  assert.match(folder.stderr, /give the right one as `directory`/);
  const bad = await project.node(['run.mjs', '{"config":"nowhere.toml"}']);
  assert.match(bad.stderr, /cannot read .*nowhere\.toml/);
});

test('a run can be aborted, before it begins and while it is at it', async t => {
  const project = world.project({ 'migrations/scripts/001_a.js': script("await db.collection('ran').insertOne({ n: 1 }); await new Promise(done => { setTimeout(done, 60000); });"), 'migrations/scripts/002_b.js': script(insert(2)) });
  const migrator = make(t, project);
  const reason = new Error('deployment was stopped');
  await assert.rejects(migrator.runMigrations({ signal: AbortSignal.abort(reason) }), thrown => error('INTERRUPTED')(thrown) && thrown.cause === reason);
  assert.equal(await project.db.collection('migrations').countDocuments(), 0);
  const controller = new AbortController();
  migrator.once('started', () => controller.abort(reason));
  await assert.rejects(migrator.runMigrations({ signal: controller.signal }), thrown => error('INTERRUPTED')(thrown) && thrown.cause === reason && thrown.exitCode === 130 && thrown.report.migrationsNotStarted === 1);
  assert.equal((await project.row('001_a.js')).status, 'failed');
  assert.equal((await project.db.collection('migrations_lock').findOne()).owner, null);
});

test('events are heard by name, all together, and in a loop', async t => {
  const project = world.project({ 'migrations/scripts/001_a.js': script("console.log('hello'); log('warn', 'careful', { n: 1 }); progress(1, 2);", "import { log, progress } from 'whimbrel';") });
  const lines = [];
  const logger = Object.fromEntries(['info', 'warn', 'error'].map(level => [level, line => lines.push(`${level}: ${line}`)]));
  const migrator = make(t, project, { logger });
  const named = [];
  for (const name of ['started', 'output', 'progress', 'completed']) migrator.on(name, event => named.push([name, event.name]));
  const looped = (async () => {
    const all = [];
    for await (const event of migrator.events()) {
      all.push(event.event);
      if (event.event === 'completed') break;
    }
    return all;
  })();
  let together = 0;
  migrator.on('event', () => { together += 1; });
  await migrator.runMigrations();
  // All of a run is heard before its promise is fulfilled.
  assert.deepEqual(named, ['started', 'output', 'progress', 'completed'].map(name => [name, '001_a.js']));
  assert.deepEqual(await looped, ['planned', 'started', 'output', 'logged', 'progress', 'completed']);
  assert.equal(together, 6);
  assert.deepEqual(lines.map(line => line.replace(/\d+ms/, 'Nms')), ['info: whimbrel: running 001_a.js (1 of 1)', 'info: 001_a.js: hello', 'warn: 001_a.js: careful n=1', 'info: whimbrel: 001_a.js completed (Nms)']);
  const rest = (async () => { for await (const event of migrator.events()) assert.ok(event); })();
  const controller = new AbortController();
  const stopped = (async () => { for await (const event of migrator.events({ signal: controller.signal })) assert.ok(event); })();
  controller.abort();
  await stopped;
  await migrator.close();
  await rest;
  for await (const event of migrator.events()) assert.fail(event);
});

test('a process stays until everything of a run was heard', async () => {
  const project = world.project({ ...one("for (let n = 0; n < 6000; n += 1) console.log(`line ${n}`);"), 'run.mjs': "import { Migrator } from 'whimbrel';\nconst migrator = new Migrator({ logger: console });\nawait migrator.runMigrations();\nconsole.log('done');" });
  const lines = must(await project.node(['run.mjs'])).stdout.trimEnd().split('\n');
  assert.deepEqual([lines.length, lines.at(-1)], [6003, 'done']);
});

test('calls of one migrator are done in their order', async t => {
  const project = world.project({ 'migrations/scripts/001_a.js': script(insert(1), '', "await db.collection('ran').insertOne({ n: 2 });") });
  const migrator = make(t, project);
  const done = [];
  const calls = ['runMigrations', 'rollbackMigrations', 'runMigrations', 'rollbackMigrations', 'runMigrations'];
  const results = await Promise.all(calls.map((call, at) => migrator[call]().then(result => { done.push(at); return result; })));
  assert.deepEqual(done, [0, 1, 2, 3, 4]);
  assert.ok(results.every(({ migrationsRun }) => migrationsRun === 1));
  assert.deepEqual(await ran(project), [1, 1, 1, 2, 2]);
});

test('an abort is never lost, however early it comes', async t => {
  const project = world.project({ 'migrations/scripts/001_a.js': script('await new Promise(done => { setTimeout(done, 60000); });') });
  const migrator = make(t, project);
  await migrator.getMigrationStatus();
  for (let microtasks = 0; microtasks < 12; microtasks += 1) {
    const controller = new AbortController();
    const running = migrator.runMigrations({ signal: controller.signal });
    running.catch(() => {});
    for (let n = 0; n < microtasks; n += 1) await undefined;
    controller.abort();
    await assert.rejects(running, error('INTERRUPTED'), `after ${microtasks}`);
  }
});

test('migrators that are closed, or that nobody has any more, are collected', async () => {
  const project = world.project({ ...TWO, 'run.mjs': "import { Migrator } from 'whimbrel';\nconst references = [];\nfor (let n = 0; n < 20; n += 1) {\n  const migrator = new Migrator();\n  migrator.on('event', () => {});\n  await migrator.getMigrationStatus();\n  if (n % 2) await migrator.close();\n  references.push(new WeakRef(migrator));\n}\nfor (let n = 0; n < 5; n += 1) { globalThis.gc(); await new Promise(done => { setTimeout(done, 20); }); }\nconsole.log(references.filter(reference => reference.deref()).length);" });
  const left = Number(must(await project.node(['--expose-gc', 'run.mjs'])).stdout);
  assert.ok(left <= 2, `${left} of 20 are left`);
});

test('close stops what runs, may be called twice, and ends it for good', async () => {
  const project = world.project({ 'migrations/scripts/001_a.js': script('await new Promise(done => { setTimeout(done, 60000); });') });
  const migrator = new Migrator(project.options());
  const running = migrator.runMigrations();
  running.catch(() => {});
  await once(migrator, 'started');
  // Whoever calls it, however often, waits for the end.
  migrator.close();
  await migrator.close();
  assert.equal((await project.db.collection('migrations_lock').findOne()).owner, null);
  await assert.rejects(running, error('MIGRATOR_CLOSED'));
  assert.equal((await project.row('001_a.js')).status, 'failed');
  await migrator.close();
  for (const call of ['runMigrations', 'rollbackMigrations', 'getMigrationStatus', 'verify', 'baseline']) {
    await assert.rejects(migrator[call](), error('MIGRATOR_CLOSED', /the migrator is closed/, /make a new one/), call);
  }
  await assert.rejects(migrator.createMigration('x'), error('MIGRATOR_CLOSED'));
  const unused = new Migrator(project.options());
  await unused.close();
});

test('the event loop goes on while a migration runs', async t => {
  // The migration waits for what this thread writes when it hears that it has begun.
  const project = world.project(one("while (!(await db.collection('signs').findOne())) { for (const end = Date.now() + 20; Date.now() < end;) { /* busy */ } }"));
  const migrator = make(t, project);
  migrator.once('started', () => project.db.collection('signs').insertOne({}));
  assert.equal((await migrator.runMigrations()).migrationsRun, 1);
});

test('several migrators in one process do not disturb each other, and one database is migrated once', async t => {
  const projects = Array.from({ length: 4 }, () => world.project(TWO));
  const results = await Promise.all(projects.map(project => make(t, project).runMigrations()));
  assert.ok(results.every(({ migrationsRun }) => migrationsRun === 2));
  const shared = world.project(TWO);
  const both = await Promise.all(Array.from({ length: 4 }, () => make(t, shared).runMigrations()));
  assert.equal(both.reduce((sum, { migrationsRun }) => sum + migrationsRun, 0), 2);
  assert.deepEqual(await ran(shared), [1, 2]);
});

test('it works in worker threads, and one that is ended in the middle takes nobody along', async () => {
  const project = world.project(TWO);
  const options = JSON.stringify(project.options());
  const code = `const { Migrator } = require(${JSON.stringify(packageFolder)}); const { parentPort } = require('worker_threads'); const migrator = new Migrator(${options}); migrator.runMigrations().then(result => parentPort.postMessage(result.migrationsRun));`;
  const workers = [1, 2, 3].map(() => new Worker(code, { eval: true }));
  const counts = await Promise.all(workers.map(async worker => {
    const [[count]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
    return count;
  }));
  assert.equal(counts.reduce((sum, count) => sum + count, 0), 2);
  const slow = world.project({ 'migrations/scripts/001_a.js': script(`${insert(1)} await new Promise(done => { setTimeout(done, 100); }); ${insert(2)}`) });
  const cut = new Worker(code.replace(options, JSON.stringify(slow.options())).replace('migrator.runMigrations', "migrator.on('started', () => parentPort.postMessage('started')); migrator.runMigrations"), { eval: true });
  await once(cut, 'message');
  await cut.terminate();
  // The engine is the process's, and ends what was begun.
  const migrator = new Migrator(slow.options());
  await migrator.runMigrations();
  assert.equal((await slow.row('001_a.js')).status, 'completed');
  assert.deepEqual(await ran(slow), [1, 2]);
  await migrator.close();
});

test('a process ends by itself when its work is done, closed or not, and after errors', async () => {
  const project = world.project({ ...FAILING, 'run.mjs': "import { Migrator } from 'whimbrel';\nconst migrator = new Migrator();\nmigrator.on('event', () => {});\ntry { await migrator.runMigrations(); } catch (error) { console.log(error.code); }\nconsole.log((await migrator.getMigrationStatus()).failed);\nif (process.argv[2]) await migrator.close();" });
  for (const args of [['run.mjs'], ['run.mjs', 'close']]) {
    const ended = must(await project.node(['--unhandled-rejections=strict', ...args]));
    assert.equal(ended.stdout, 'MIGRATION_FAILED\n1\n');
    assert.equal(ended.stderr, '');
  }
});

test('createMigration writes the next file from the template', async t => {
  const project = world.project(TWO);
  const migrator = new Migrator({ directory: path.join(project.folder, 'migrations/scripts') });
  t.after(() => migrator.close());
  const created = await migrator.createMigration('Add user indexes!', 'Add indexes for user queries');
  assert.deepEqual(created, { name: '003_add_user_indexes.js', path: path.join(project.folder, 'migrations/scripts/003_add_user_indexes.js') });
  assert.match(readFileSync(created.path, 'utf8'), /\/\/ Description: Add indexes for user queries\n\/\/ Created: \d{4}-\d\d-\d\d/);
  assert.match((await migrator.createMigration('x', undefined, { timestamp: true })).name, /^\d{14}_x\.js$/);
  await assert.rejects(migrator.createMigration('...'), error('NAME_EMPTY'));
  assert.ok(!existsSync(path.join(project.folder, 'migrations/scripts/...')));
});

test('a database that has everything already is marked, and nothing is run', async t => {
  const project = world.project(TWO);
  const migrator = make(t, project);
  assert.deepEqual(await migrator.baseline({ to: '001', reason: 'made by hand' }), { marked: ['001_a.js'] });
  assert.equal((await migrator.runMigrations()).migrationsRun, 1);
  assert.deepEqual(await ran(project), [2]);
  await assert.rejects(migrator.baseline(), error('BASELINE_ON_HISTORY'));
});

test('every way to import it gives the same classes', async () => {
  const project = world.project({
    'esm.mjs': "import AutoMigrator, { AutoMigrator as named } from 'whimbrel/autoMigrate';\nimport Migrator from 'whimbrel/migrator';\nimport * as all from 'whimbrel';\nconsole.log(AutoMigrator === all.AutoMigrator, named === AutoMigrator, Migrator === all.Migrator, Object.keys(all).join());",
    'common.cjs': "const AutoMigrator = require('whimbrel/autoMigrate');\nconst Migrator = require('whimbrel/migrator');\nconst all = require('whimbrel');\nconsole.log(AutoMigrator === all.AutoMigrator, AutoMigrator.AutoMigrator === AutoMigrator && AutoMigrator.default === AutoMigrator, Migrator === all.Migrator, Object.keys(all).sort().join());",
  });
  const names = 'AutoMigrator,Migrator,WhimbrelError,log,progress';
  for (const file of ['esm.mjs', 'common.cjs']) assert.equal(must(await project.node([file])).stdout.trim(), `true true true ${names}`, file);
});

// Migrations in the application's own process, with its client or its connection of mongoose.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { Worker } from 'node:worker_threads';
import { MongoClient } from 'mongodb';
import mongoose from 'mongoose';
import { error, load, must, one, packageFolder, script, startWorld } from './support.mjs';

const { Migrator } = load();
let world;
before(async () => { world = await startWorld(); });
after(() => world?.stop());

/** A migrator on a client of its own kind, both closed when the test ends. */
async function make(t, project, options = {}, client = new MongoClient(world.uri)) {
  const migrator = new Migrator({ client, database: project.database, directory: path.join(project.folder, 'migrations/scripts'), ...options });
  t.after(async () => {
    await migrator.close();
    await client.close();
  });
  return { migrator, client };
}

const ran = async project => (await project.db.collection('ran').find().sort({ n: 1 }).toArray()).map(({ n }) => n);
const trail = async (project, event) => (await project.db.collection('migrations_log').find({ event }).sort({ _id: 1 }).toArray()).map(({ detail }) => detail);

test('a migration has the objects of the application, and everything in it', async t => {
  globalThis.application = { name: 'shop' };
  const project = world.project({
    'lib/shared.js': 'export const shared = { count: 0 };',
    'migrations/scripts/001_a.js': script("shared.count += 1;\nawait db.collection('ran').insertOne({ n: 1, is: [db instanceof Db, client instanceof MongoClient, db.collection('x') instanceof Collection], app: globalThis.application.name, name: db.databaseName, same: client.db(db.databaseName).databaseName });", "import { shared } from '../../lib/shared.js';\nimport { Collection, Db, MongoClient } from 'mongodb';"),
    'migrations/scripts/002_b.js': script("await db.collection('ran').insertOne({ n: 2, count: shared.count });", "import { shared } from '../../lib/shared.js';"),
  });
  const { MongoClient: Own } = await import(path.join(project.folder, 'node_modules/mongodb/lib/index.js')).then(module => module.default);
  const { migrator, client } = await make(t, project, {}, new Own(world.uri));
  assert.equal((await migrator.runMigrations()).migrationsRun, 2);
  const [first, second] = await project.db.collection('ran').find().sort({ n: 1 }).toArray();
  assert.deepEqual([first.is, first.app, first.name, first.same], [[true, true, true], 'shop', project.database, project.database]);
  // Modules are the application's: there is one of each.
  assert.equal(second.count, 1);
  const row = await project.row('001_a.js');
  assert.deepEqual(row.imports.map(({ path: file }) => file), ['lib/shared.js']);
  assert.deepEqual((await trail(project, 'migration_started'))[0], { runtime: 'node', process: 'application', node: process.versions.node, driver: '7.9.0' });
  // The application's client is still open, whatever a migration does with it.
  assert.equal((await client.db(project.database).command({ ping: 1 })).ok, 1);
});

test('everything that is sent is in the audit trail, with what came of it', async t => {
  const project = world.project(one(`
    const users = db.collection('users');
    await users.insertMany([{ n: 1 }, { n: 2 }, { n: 3 }]);
    await users.createIndex({ n: 1 });
    await users.updateMany({ n: { $gt: 1 } }, { $set: { seen: true } });
    await users.bulkWrite([{ insertOne: { document: { n: 4 } } }, { updateOne: { filter: { n: 4 }, update: { $set: { a: 1 } } } }, { deleteOne: { filter: { n: 1 } } }]);
    const bulk = users.initializeUnorderedBulkOp();
    bulk.find({ n: 2 }).updateOne({ $set: { bulk: true } });
    bulk.insert({ n: 5 });
    await bulk.execute();
    for await (const user of users.find({ n: 3 })) await users.replaceOne({ _id: user._id }, { n: 33 });
    if ((await users.aggregate([{ $match: { n: 33 } }]).toArray()).length !== 1) throw new Error('aggregate');
    if (await users.countDocuments({ n: 5 }) !== 1) throw new Error('count');
    await users.findOneAndUpdate({ n: 5 }, { $set: { found: true } });
    await db.command({ ping: 1 });
    await db.collection('other').insertOne({ n: 1 });
    await db.collection('other').rename('others');
    await db.collection('others').drop();
  `));
  const { migrator } = await make(t, project);
  await migrator.runMigrations();
  const { operations } = (await trail(project, 'migration_completed'))[0];
  const told = operations.map(({ kind, collection, filter = '', commands, firstAt, lastAt, ...counts }) => `${kind} ${collection.replace(`${project.database}`, 'db')} ${filter} ${commands} ${JSON.stringify(counts)}`);
  assert.deepEqual(told, [
    'insert db.users  2 {"statements":4,"inserted":4}',
    'createIndexes db.users  1 {}',
    'update db.users { n: { $gt: ? } } 1 {"statements":1,"matched":2,"modified":2}',
    'update db.users { n: ? } 1 {"statements":1,"matched":1,"modified":1}',
    'delete db.users { n: ? } 1 {"statements":1,"deleted":1}',
    'update db.users  1 {"statements":2,"matched":1,"modified":1}',
    'find db.users { n: ? } 1 {}',
    'update db.users { _id: ? } 1 {"statements":1,"matched":1,"modified":1}',
    'aggregate db.users $match { n: ? } 1 {}',
    'count db.users { n: ? } 1 {}',
    'findAndModify db.users { n: ? } 1 {"matched":1,"modified":1}',
    'ping db  1 {}',
    'insert db.other  1 {"statements":1,"inserted":1}',
    'renameCollection db.other  1 {}',
    'drop db.others  1 {}',
  ]);
  const announced = await trail(project, 'operation_started');
  assert.deepEqual(announced.map(({ kind }) => kind), ['createIndexes', 'renameCollection', 'drop']);
});

test('commands carry the run, and cursors are closed with the migration', async t => {
  const client = new MongoClient(world.uri, { monitorCommands: true });
  const project = world.project(one("await db.collection('many').insertMany(Array.from({ length: 300 }, (_, n) => ({ n })));\nglobalThis.left = db.collection('many').find({}, { batchSize: 2 });\nawait globalThis.left.next();\nawait db.collection('many').find({}, { comment: 'mine' }).toArray();"));
  const { migrator } = await make(t, project, {}, client);
  const seen = [];
  client.on('commandStarted', ({ command, commandName }) => { if (command.comment) seen.push([commandName, command.comment]); });
  const { runId } = await migrator.runMigrations();
  assert.deepEqual(seen.map(([name, comment]) => [name, comment.whimbrel ?? comment]), [['insert', runId], ['find', runId], ['find', 'mine'], ...seen.slice(3).map(([name, comment]) => [name, comment.whimbrel ?? comment])]);
  assert.equal(globalThis.left.killed, true);
});

test('a transaction holds all of it, and what is recorded of it', async t => {
  const project = world.project({
    'migrations/scripts/001_a.js': `export const transaction = true;\n${script("await db.collection('ran').insertOne({ n: 1 }); await Promise.all([2, 3].map(n => db.collection('ran').insertOne({ n })));\nif ((await db.collection('ran').find().toArray()).length !== 3) throw new Error('it does not read what it wrote');")}`,
    'migrations/scripts/002_b.js': `export const transaction = true;\n${script("await db.collection('ran').insertOne({ n: 4 }); throw new Error('no');")}`,
  });
  const { migrator } = await make(t, project);
  await assert.rejects(migrator.runMigrations(), error('MIGRATION_FAILED', /Error: no/));
  assert.deepEqual(await ran(project), [1, 2, 3]);
  assert.deepEqual((await project.rows()).map(({ name, status, transaction }) => [name, status, transaction]), [['001_a.js', 'completed', true], ['002_b.js', 'failed', true]]);
});

test('the first error of the server dooms a transaction, and a session of its own is refused', async t => {
  const project = world.project({
    'migrations/scripts/001_a.js': `export const transaction = true;\n${script("await db.collection('ran').insertOne({ _id: 1 });\nawait db.collection('ran').insertOne({ _id: 1 }).catch(() => {});\nawait db.collection('ran').insertOne({ _id: 2 });")}`,
  });
  const { migrator } = await make(t, project);
  await assert.rejects(migrator.runMigrations(), error('MIGRATION_FAILED', /E11000/));
  assert.equal(await project.db.collection('ran').countDocuments(), 0);
  project.write('migrations/scripts/001_a.js', `export const transaction = true;\n${script("await client.withSession(session => db.collection('ran').insertOne({ n: 1 }, { session }));")}`);
  await assert.rejects(migrator.runMigrations(), error('MIGRATION_FAILED', /a session of its own/, /leave the session out/));
  project.write('migrations/scripts/001_a.js', script("await client.withSession(session => session.withTransaction(async its => { await db.collection('ran').insertOne({ n: 1 }, { session: its }); }));"));
  assert.equal((await migrator.runMigrations()).migrationsRun, 1);
  assert.deepEqual(await ran(project), [1]);
});

test('what nobody awaited is awaited and told; what fails of it fails the migration', async t => {
  const project = world.project(one("db.collection('ran').insertOne({ n: 1 });"));
  const { migrator } = await make(t, project);
  const warnings = [];
  migrator.on('warned', ({ message }) => warnings.push(message));
  await migrator.runMigrations();
  assert.deepEqual(await ran(project), [1]);
  assert.match(warnings.join(), /nobody awaited insertOne on ran \(at migrations\/scripts\/001_a\.js:\d+:\d+\)/);
  project.write('migrations/scripts/002_b.js', script("await db.collection('ran').insertOne({ _id: 1 });\ndb.collection('ran').insertOne({ _id: 1 });"));
  await assert.rejects(migrator.runMigrations(), error('MIGRATION_FAILED', /E11000/));
  const { migrator: strict } = await make(t, project, { strictAwait: true });
  project.write('migrations/scripts/002_b.js', script("db.collection('ran').insertOne({ n: 3 });"));
  await assert.rejects(strict.runMigrations(), error('MIGRATION_FAILED', /nobody awaited/, /strict_await is on/));
});

test('what does nothing, and what has no end, is told', async t => {
  const project = world.project(one("await db.collection('a').insertOne({ n: 1 });\ndb.collection('a').aggregate([{ $match: {} }, { $out: 'b' }]);\nawait db.collection('a').aggregate([{ $match: {} }, { $out: 'c' }]).toArray();\nglobalThis.stream = db.collection('a').watch();\nawait globalThis.stream.tryNext();"));
  const { migrator } = await make(t, project);
  const warnings = [];
  migrator.on('warned', ({ message }) => warnings.push(message));
  await migrator.runMigrations();
  assert.deepEqual(warnings, ['aggregate on a with $merge or $out was never iterated, so it did nothing: add .toArray()', 'watch on a was left open, and closed at the end']);
  assert.equal(globalThis.stream.closed, true);
  assert.equal(await project.db.collection('c').countDocuments(), 1);
  assert.equal(await project.db.collection('b').countDocuments(), 0);
});

test('code at the top level of a file neither ends the process nor fails unheard', async () => {
  for (const [body, message] of [['process.exit(0);', /called process\.exit\(0\)/], ["Promise.reject(new Error('at the top'));", /at the top/]]) {
    const project = world.project({
      'migrations/scripts/001_a.js': `${body}\n${script("await db.collection('ran').insertOne({ n: 1 });")}`,
      'run.mjs': "import { MongoClient } from 'mongodb';\nimport { Migrator } from 'whimbrel';\nconst client = new MongoClient(process.env.MONGODB_URI);\nconst migrator = new Migrator({ client });\nawait migrator.runMigrations().catch(error => console.log(error.code, error.message));\nconsole.log('still here');\nawait client.close();",
    });
    const ended = must(await project.node(['run.mjs']));
    assert.match(ended.stdout, /^MIGRATION_NOT_LOADED/);
    assert.match(ended.stdout, message);
    assert.match(ended.stdout, /still here\n$/);
    assert.equal(await project.db.collection('ran').countDocuments(), 0);
  }
});

test('a rejection or an exception in a callback fails the migration and leaves the application alone', async () => {
  const project = world.project({
    'migrations/scripts/001_a.js': script("[1].forEach(async n => { await db.collection('ran').insertOne({ n }); throw new Error(`rejected ${n}`); });\nawait new Promise(done => { setTimeout(done, 300); });"),
    'migrations/scripts/002_b.js': script("setTimeout(() => { throw new Error('thrown late'); }, 5);\nawait new Promise(done => { setTimeout(done, 300); });"),
    'migrations/scripts/003_c.js': script("await db.collection('ran').insertOne({ n: 3 });"),
    'run.mjs': `import { MongoClient } from 'mongodb';
import { Migrator } from 'whimbrel';
const client = new MongoClient(process.env.MONGODB_URI);
const migrator = new Migrator({ client });
const result = await migrator.runMigrations({ stopOnError: false });
console.log(JSON.stringify(result.migrations.map(({ name, status, error }) => [name, status, error?.split('\\n')[0].replace(/^migration .* failed: /, '')])));
console.log(process.emit.name === 'onEmit', process.exit.name);
await client.close();
`,
  });
  const ended = must(await project.node(['run.mjs']));
  const [told, listeners] = ended.stdout.trim().split('\n');
  assert.deepEqual(JSON.parse(told).sort(), [['001_a.js', 'failed', 'Error: rejected 1'], ['002_b.js', 'failed', 'Error: thrown late'], ['003_c.js', 'completed', null]]);
  assert.equal(listeners, 'false exit');
});

test('what the application itself throws meanwhile is its own affair', async () => {
  const run = body => ({ 'run.mjs': `import { MongoClient } from 'mongodb';\nimport { Migrator } from 'whimbrel';\nconst client = new MongoClient(process.env.MONGODB_URI);\nconst migrator = new Migrator({ client });\nmigrator.once('started', () => { ${body} });\nawait migrator.runMigrations();\nconsole.log('went on');\nawait client.close();` });
  const slow = one('await new Promise(done => { setTimeout(done, 2000); });');
  for (const [body, code, stderr] of [
    ["Promise.reject(new Error('of the application'));", 1, /of the application/],
    ["setTimeout(() => { throw new Error('of the application'); }, 1);", 1, /of the application/],
    ['process.exit(7);', 7, /^$/],
  ]) {
    const ended = await world.project({ ...slow, ...run(body) }).node(['run.mjs']);
    assert.equal(ended.code, code, ended.output);
    assert.match(ended.stderr, stderr);
    assert.doesNotMatch(ended.stdout, /went on/);
  }
  const heard = await world.project({ ...one(''), ...run("process.on('unhandledRejection', () => {}); Promise.reject(new Error('x'));") }).node(['run.mjs']);
  assert.match(must(heard).stdout, /went on/);
});

test('process.exit in a migration fails it, and the application goes on', async () => {
  const project = world.project({
    ...one("await db.collection('ran').insertOne({ n: 1 });\ntry { process.exit(0); } catch {}\nawait db.collection('ran').insertOne({ n: 2 });"),
    'run.mjs': "import { MongoClient } from 'mongodb';\nimport { Migrator } from 'whimbrel';\nconst client = new MongoClient(process.env.MONGODB_URI);\nconst migrator = new Migrator({ client });\nawait migrator.runMigrations().catch(error => console.log(error.code, error.message.split('\\n')[0]));\nconsole.log('still here');\nawait client.close();\nprocess.exit(3);",
  });
  const ended = await project.node(['run.mjs']);
  assert.equal(ended.code, 3, ended.output);
  assert.match(ended.stdout, /^MIGRATION_FAILED .*called process\.exit\(0\), which would end the application.*\nstill here\n$/);
  assert.equal((await project.row('001_a.js')).status, 'failed');
});

test('nothing is sent any more once the lock is lost', async t => {
  const project = world.project(one("await db.collection('ran').insertOne({ n: 1 });\nawait globalThis.taken;\nawait db.collection('ran').insertOne({ n: 2 });"));
  const { migrator } = await make(t, project, { lockTtl: '1s', grace: '2s' });
  let take;
  globalThis.taken = new Promise(resolve => { take = resolve; });
  const running = migrator.runMigrations();
  running.catch(() => {});
  await once(migrator, 'started');
  while ((await ran(project)).length === 0) await new Promise(resolve => { setTimeout(resolve, 5); });
  // As somebody who has taken it by force.
  await project.db.collection('migrations_lock').updateMany({ owner: { $ne: null } }, { $set: { owner: 'somebody else' }, $inc: { fence: 1 } });
  const lost = await running.then(() => assert.fail(), caught => caught);
  take();
  assert.equal(lost.code, 'LEASE_LOST', lost.stack);
  await new Promise(resolve => { setTimeout(resolve, 50); });
  assert.deepEqual(await ran(project), [1]);
});

test('a migration whose thread is ended fails, and gives the lock back', async () => {
  const project = world.project(one("await db.collection('ran').insertOne({ n: 1 });\nawait new Promise(done => { setTimeout(done, 60000); });"));
  const code = `const { Migrator } = require(${JSON.stringify(packageFolder)});\nconst { MongoClient } = require('mongodb');\nconst { parentPort } = require('worker_threads');\nnew Migrator({ client: new MongoClient('${project.uri}'), directory: ${JSON.stringify(path.join(project.folder, 'migrations/scripts'))} }).on('started', () => parentPort.postMessage('started')).runMigrations();`;
  project.write('worker.cjs', code);
  const worker = new Worker(path.join(project.folder, 'worker.cjs'));
  await once(worker, 'message');
  while ((await ran(project)).length === 0) await new Promise(resolve => { setTimeout(resolve, 5); });
  await worker.terminate();
  let lock;
  do {
    await new Promise(resolve => { setTimeout(resolve, 20); });
    lock = await project.db.collection('migrations_lock').findOne();
  } while (lock.owner !== null);
  const row = await project.row('001_a.js');
  assert.deepEqual([row.status, row.error], ['failed', 'the thread of Node.js that it ran on has ended']);
});

test('a run is stopped after the operation in flight, and what comes later is refused', async t => {
  const project = world.project({ ...one("await db.collection('ran').insertOne({ n: 1 });\nawait globalThis.aborted;\nglobalThis.outcome = await db.collection('ran').insertOne({ n: 2 }).catch(caught => caught);") });
  const { migrator } = await make(t, project);
  const controller = new AbortController();
  let go;
  globalThis.aborted = new Promise(resolve => { go = resolve; });
  const running = migrator.runMigrations({ signal: controller.signal });
  running.catch(() => {});
  while ((await ran(project)).length === 0) await new Promise(resolve => { setTimeout(resolve, 5); });
  controller.abort();
  await assert.rejects(running, error('INTERRUPTED'));
  go();
  await new Promise(resolve => { setTimeout(resolve, 50); });
  assert.equal(globalThis.outcome.name, 'WhimbrelStoppedError');
  assert.deepEqual(await ran(project), [1]);
  assert.equal((await project.row('001_a.js')).status, 'failed');
});

test('files of every kind are loaded, afresh each time', async t => {
  for (const type of ['module', 'commonjs']) {
    const project = world.project({
      'lib/typed.ts': 'export enum Kind { Typed = 3 }',
      'lib/common.cjs': 'exports.four = 4;',
      'migrations/scripts/001_esm.js': script("await db.collection('ran').insertOne({ n: 1 });"),
      'migrations/scripts/002_common.js': "const { four } = require('../../lib/common.cjs');\nmodule.exports = { async up(db) { await db.collection('ran').insertOne({ n: four - 2 }); }, async down() {} };",
      'migrations/scripts/003_typed.ts': "import { Kind } from '../../lib/typed.ts';\nimport type { Db } from 'mongodb';\nexport default async function up(db: Db): Promise<void> { await db.collection('ran').insertOne({ n: Kind.Typed }); }",
      'migrations/scripts/004_common.cjs': "exports.up = async db => { await db.collection('ran').insertOne({ n: 4 }); };",
      'migrations/scripts/005_esm.mjs': "export class Five { async up(db) { await db.collection('ran').insertOne({ n: 5 }); } async down() {} }",
      'migrations/scripts/006_done.js': "exports.up = function (db, done) { db.collection('ran').insertOne({ n: 6 }).then(() => done(), done); };",
    }, { type });
    const { migrator } = await make(t, project);
    await migrator.runMigrations();
    assert.deepEqual(await ran(project), [1, 2, 3, 4, 5, 6], type);
    for (const [n, file] of [[7, '001_esm.js'], [8, '002_common.js'], [9, '003_typed.ts']]) {
      project.write(`migrations/scripts/${file}`, file.includes('common') ? `exports.up = async db => { await db.collection('ran').insertOne({ n: ${n} }); };` : `export const up = async (db${file.endsWith('.ts') ? ': any' : ''}) => { await db.collection('ran').insertOne({ n: ${n} }); };`);
      await migrator.runMigrations({ force: [file] });
    }
    assert.deepEqual((await ran(project)).slice(6), [7, 8, 9], type);
  }
});

test('what cannot be loaded is said with its place, and nothing is run', async t => {
  const project = world.project({ ...one(''), 'migrations/scripts/002_b.js': 'export default async function up(db) {\n  const = 1;\n}' });
  const { migrator } = await make(t, project);
  await assert.rejects(migrator.runMigrations(), error('MIGRATION_NOT_LOADED', /migrations\/scripts\/002_b\.js:2:9/));
  project.write('migrations/scripts/002_b.js', "import 'not-there';\nexport const up = () => {};");
  await assert.rejects(migrator.runMigrations(), error('MIGRATION_NOT_LOADED', /Cannot find package 'not-there'/));
  project.write('migrations/scripts/002_b.js', 'export const x = 1;');
  await assert.rejects(migrator.runMigrations(), error('MIGRATION_NOT_LOADED'));
  assert.equal(await project.db.collection('migrations').countDocuments(), 0);
});

test('an error tells the place in the file, also where the driver made it', async t => {
  const project = world.project(one("await db.collection('ran').insertOne({ _id: 1 });\nawait db.collection('ran').insertOne({ _id: 1 });"));
  const { migrator } = await make(t, project);
  await assert.rejects(migrator.runMigrations(), error('MIGRATION_FAILED', /MongoServerError: E11000[^]*at (.*\()?migrations\/scripts\/001_a\.js:4:/, /unique index/));
  const row = await project.row('001_a.js');
  assert.equal(row.errorDetail.code, 11000);
});

test('clients that cannot be used are said before anything is done', async t => {
  const project = world.project(one(''));
  const directory = path.join(project.folder, 'migrations/scripts');
  const fails = async (options, ...expected) => {
    const migrator = new Migrator({ directory, ...options });
    t.after(() => migrator.close());
    await assert.rejects(migrator.runMigrations(), error(...expected));
  };
  await fails({ client: {} }, 'CLIENT_INVALID', /no MongoClient/);
  await fails({ connection: {} }, 'CLIENT_INVALID', /no connection of mongoose/);
  const nameless = new MongoClient(world.uri);
  t.after(() => nameless.close());
  await fails({ client: nameless }, 'DATABASE_NAME_MISSING', /names no database/, /or give `database`/);
  await fails({ connection: mongoose.createConnection() }, 'CLIENT_CLOSED', /mongoose is not connected/, /mongoose\.connect/);
  const closed = await new MongoClient(project.uri).connect();
  await closed.close();
  const migrator = new Migrator({ client: closed, directory });
  t.after(() => migrator.close());
  const outcome = await migrator.runMigrations().catch(caught => caught);
  // Newer drivers open a closed client again; then it can be used.
  if (outcome instanceof Error) error('CLIENT_CLOSED', /is closed/)(outcome);
  else await closed.close();
  class Renamed {
    s = { url: world.uri };
    startSession() {}
    db() { return { collection: () => ({ find: () => ({}) }) , command: async () => ({ ok: 1 }) }; }
  }
  await fails({ client: new Renamed(), database: 'x' }, 'CLIENT_UNSUPPORTED', /other names than those it was published with/, /out of the bundle/);
  await fails({ client: new MongoClient('mongodb://127.0.0.1:1/app', { serverSelectionTimeoutMS: 50 }) }, 'DATABASE', /cannot reach the database/);
});

test('what a client was given beside its connection string is taken over', async () => {
  const { uriOf } = await import('../lib/internal/process/client.cjs').then(module => module.default);
  const of = (uri, options) => uriOf(new MongoClient(uri, options));
  assert.equal(of('mongodb://h:1/app'), 'mongodb://h:1/app');
  assert.equal(of('mongodb://h:1', { auth: { username: 'me@x', password: 'p/w' }, authSource: 'admin', replicaSet: 'rs' }), 'mongodb://me%40x:p%2Fw@h:1/?authSource=admin&replicaSet=rs');
  assert.equal(of('mongodb://u:p@h:1/app?replicaSet=a', { directConnection: true }), 'mongodb://u:p@h:1/app?replicaSet=a&directConnection=true');
  assert.match(of('mongodb://h/app', { tls: true, tlsCAFile: '/etc/ca.pem' }), /tls=true&tlsCAFile=%2Fetc%2Fca\.pem/);
  assert.throws(() => of('mongodb://h/app', { tls: true, ca: 'x' }), error('CLIENT_UNSUPPORTED', /`ca`/, /give `uri` as well/));
});

test('a connection of mongoose: models join a transaction where mongoose lets them', async t => {
  const project = world.project({
    'models/user.js': "import mongoose from 'mongoose';\nexport const User = mongoose.models.User ?? mongoose.model('User', new mongoose.Schema({ name: String }));",
    'migrations/scripts/001_a.js': `export const transaction = true;\n${script("await User.create([{ name: 'a' }]);\nawait db.collection('users').updateMany({}, { $set: { seen: true } });\nif (db.databaseName !== mongoose.connection.name) throw new Error('another database');", "import mongoose from 'mongoose';\nimport { User } from '../../models/user.js';")}`,
    'migrations/scripts/002_b.js': `export const transaction = true;\n${script("await User.create([{ name: 'b' }]);\nthrow new Error('no');", "import { User } from '../../models/user.js';")}`,
    'run.mjs': `import mongoose from 'mongoose';
import { Migrator } from 'whimbrel';
mongoose.set('transactionAsyncLocalStorage', true);
mongoose.set('autoIndex', false);
await mongoose.connect(process.env.MONGODB_URI);
await mongoose.connection.createCollection('users');
const migrator = new Migrator({ connection: mongoose });
await migrator.runMigrations().catch(error => console.log(error.code, error.message.split('\\n')[0]));
await migrator.close();
console.log(JSON.stringify((await mongoose.connection.db.collection('users').find().toArray()).map(({ name, seen }) => [name, seen])));
await mongoose.disconnect();
`,
  });
  const ended = must(await project.node(['run.mjs']));
  assert.equal(ended.stdout, 'MIGRATION_FAILED migration 002_b.js failed: Error: no\n[["a",true]]\n');
  assert.equal((await trail(project, 'migration_started'))[0].mongoose, '9.12.1');
  t.diagnostic('mongoose 9');
});

for (const [name, version] of [['mongodb4', '4'], ['mongodb5', '5'], ['mongodb6', '6'], ['mongodb', '7']]) {
  test(`with driver ${version}: documents, cursors, indexes, transactions`, async t => {
    const { default: driver } = await import(name);
    const project = world.project({
      'migrations/scripts/001_a.js': script("await db.collection('ran').insertMany([{ n: 1 }, { n: 2 }]);\nawait db.collection('ran').createIndex({ n: 1 });\nconst seen = [];\nfor await (const { n } of db.collection('ran').find().sort({ n: 1 })) seen.push(n);\nawait db.collection('ran').find().forEach(({ n }) => { seen.push(n); });\nwhile (false) {}\nif (seen.length !== 4 || await db.collection('ran').find().count?.() === 0) throw new Error(seen.join());\nif ((await db.listCollections().toArray()).length === 0) throw new Error('no collections');"),
      'migrations/scripts/002_b.js': `export const transaction = true;\n${script("await db.collection('ran').updateOne({ n: 2 }, { $set: { n: 3 } });")}`,
    });
    const { migrator } = await make(t, project, {}, new driver.MongoClient(world.uri));
    await migrator.runMigrations();
    assert.deepEqual(await ran(project), [1, 3]);
    assert.equal((await project.row('002_b.js')).transaction, true);
    assert.match((await trail(project, 'migration_started'))[0].driver, new RegExp(`^${version}\\.`));
    assert.equal((await migrator.rollbackMigrations(2)).migrationsRun, 2);
  });
}

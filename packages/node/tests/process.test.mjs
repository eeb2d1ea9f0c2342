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
    'insert db.users  3 {"statements":5,"inserted":5}',
    'createIndexes db.users  1 {}',
    'update db.users { n: { $gt: ? } } 1 {"statements":1,"matched":2,"modified":2}',
    'update db.users { n: ? } 2 {"statements":2,"matched":2,"modified":2}',
    'delete db.users { n: ? } 1 {"statements":1,"deleted":1}',
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

test('operations of a transaction go one after another', async t => {
  const project = world.project({ 'migrations/scripts/001_a.js': `export const transaction = true;\n${script("await Promise.all(Array.from({ length: 20 }, (_, n) => db.collection('ran').insertOne({ n })));")}` });
  const client = new MongoClient(world.uri, { monitorCommands: true });
  const { migrator } = await make(t, project, {}, client);
  let inFlight = 0;
  let most = 0;
  const isInsert = ({ commandName }) => commandName === 'insert';
  client.on('commandStarted', event => { if (isInsert(event)) { inFlight += 1; most = Math.max(most, inFlight); } });
  for (const end of ['commandSucceeded', 'commandFailed']) client.on(end, event => { if (isInsert(event)) inFlight -= 1; });
  await migrator.runMigrations();
  assert.equal(most, 1);
  assert.equal((await ran(project)).length, 20);
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
await client.close();
`,
  });
  const ended = must(await project.node(['run.mjs']));
  assert.deepEqual(JSON.parse(ended.stdout).sort(), [['001_a.js', 'failed', 'Error: rejected 1'], ['002_b.js', 'failed', 'Error: thrown late'], ['003_c.js', 'completed', null]]);
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

test('a call of many commands stops between them when the lock is lost', async t => {
  const project = world.project(one("await db.collection('ran').insertOne({ n: -1 });\nawait db.collection('many').insertMany(Array.from({ length: 450_000 }, (_, n) => ({ n })), { ordered: false });"));
  const { migrator } = await make(t, project, { lockTtl: '1s', grace: '20s' });
  const running = migrator.runMigrations();
  running.catch(() => {});
  while ((await ran(project)).length === 0) await new Promise(resolve => { setTimeout(resolve, 2); });
  await project.db.collection('migrations_lock').updateMany({ owner: { $ne: null } }, { $set: { owner: 'somebody else' }, $inc: { fence: 1 } });
  await assert.rejects(running, error('LEASE_LOST'));
  // Of four commands the last is not sent any more; the one under way ends.
  const count = () => project.db.collection('many').countDocuments();
  let before = await count();
  for (let now = await count(); ; before = now) {
    await new Promise(resolve => { setTimeout(resolve, 300); });
    now = await count();
    if (now === before) break;
  }
  assert.ok(before < 450_000, `${before} documents`);
});

test('nothing is made up for an argument that is not there', async t => {
  const project = world.project(one(`
    const c = db.collection('c');
    await c.insertOne({ _id: 1, kept: true });
    globalThis.outcomes = [];
    for (const call of [() => c.replaceOne({ _id: 1 }, undefined), () => c.findOneAndReplace({ _id: 1 }, undefined), () => c.insertOne(undefined), () => c.updateOne({ _id: 1 }), () => c.insertMany()]) {
      globalThis.outcomes.push(await call().then(() => 'done', error => error.name));
    }
    globalThis.all = [await c.find().toArray(), await c.findOne(), await c.countDocuments(), await c.distinct('_id'), await c.aggregate().toArray()];
  `));
  const { migrator } = await make(t, project);
  await migrator.runMigrations();
  assert.ok(globalThis.outcomes.every(outcome => outcome !== 'done'), globalThis.outcomes.join());
  const kept = { _id: 1, kept: true };
  assert.deepEqual(globalThis.all, [[kept], kept, 1, [1], [kept]]);
});

test('other ways to the same objects lead to the same handles', async t => {
  const project = world.project({ 'migrations/scripts/001_a.js': `export const transaction = true;\n${script("await db.client.db(db.databaseName).collection('ran').insertOne({ n: 1 });\nawait db.collection('x').db?.collection('ran').insertOne({ n: 2 });\nthrow new Error('no');")}` });
  const { migrator } = await make(t, project);
  await assert.rejects(migrator.runMigrations(), error('MIGRATION_FAILED', /Error: no/));
  assert.deepEqual(await ran(project), []);
});

test('what is sent past the handles in a transaction fails it, models that do not join among it', async t => {
  const project = world.project({
    'migrations/scripts/001_a.js': `export const transaction = true;\n${script("await db.collection('ran').insertOne({ n: 1 });\nawait globalThis.past.insertOne({ n: 2 }).catch(() => {});")}`,
  });
  const { migrator, client } = await make(t, project);
  globalThis.past = client.db(project.database).collection('ran');
  await assert.rejects(migrator.runMigrations(), error('MIGRATION_FAILED', /insert on ran is not part of the migration's transaction/));
  assert.deepEqual(await ran(project), []);
});

test('a transaction that is over is not doomed by what comes of it later', async t => {
  const project = world.project({
    'migrations/scripts/001_a.js': `export const transaction = true;\n${script("await db.collection('ran').insertOne({ n: 1 });\nawait globalThis.later;\nawait db.collection('ran').insertOne({ n: 9 }, { session: client.startSession() });")}`,
    'migrations/scripts/002_b.js': `export const transaction = true;\n${script("globalThis.go();\nawait new Promise(done => { setTimeout(done, 100); });\nawait db.collection('ran').insertOne({ n: 2 });")}`,
  });
  globalThis.later = new Promise(resolve => { globalThis.go = resolve; });
  const { migrator } = await make(t, project, { timeout: '600ms' });
  const result = await migrator.runMigrations({ stopOnError: false });
  assert.deepEqual(result.migrations.map(({ name, status }) => [name, status]).sort(), [['001_a.js', 'failed'], ['002_b.js', 'completed']], JSON.stringify(result.migrations));
  assert.deepEqual(await ran(project), [2]);
});

test('the first operation of a transaction that cannot be sent, and an error inside a reply, are what it fails of', async t => {
  const project = world.project({ 'migrations/scripts/001_a.js': `export const transaction = true;\n${script("const circular = {}; circular.self = circular;\nawait db.collection('ran').insertOne(circular).catch(() => {});\nawait db.collection('ran').insertOne({ n: 1 });")}` });
  const { migrator } = await make(t, project);
  await assert.rejects(migrator.runMigrations(), error('MIGRATION_FAILED', /circular/i));
  project.write('migrations/scripts/001_a.js', `export const transaction = true;\n${script("await db.collection('ran').insertOne({ _id: 1 });\nawait db.command({ insert: 'ran', documents: [{ _id: 1 }] });\nawait db.collection('ran').insertOne({ _id: 2 });")}`);
  await assert.rejects(migrator.runMigrations(), error('MIGRATION_FAILED', /E11000/));
  assert.deepEqual(await ran(project), []);
});

test('cursors: streams, rewinding, leaving a loop, and many of them', async t => {
  const project = world.project(one(`
    const c = db.collection('c');
    await c.insertMany([1, 2, 3].map(n => ({ n })));
    const seen = [];
    for await (const { n } of c.find().sort({ n: 1 }).stream()) seen.push(n);
    for await (const n of c.find().sort({ n: 1 }).map(({ n }) => n * 10)) { seen.push(n); break; }
    const cursor = c.find({ n: { $gt: 1 } });
    seen.push((await cursor.toArray()).length);
    cursor.rewind();
    seen.push((await cursor.toArray()).length, (await cursor.clone().toArray()).length);
    const stream = c.aggregate([{ $match: {} }, { $out: 'copied' }]).stream();
    for await (const _ of stream);
    for (let n = 0; n < 500; n += 1) await c.find({ n }).toArray();
    globalThis.seen = seen;
  `));
  const { migrator } = await make(t, project, { strictAwait: true });
  await migrator.runMigrations();
  assert.deepEqual(globalThis.seen, [1, 2, 3, 10, 2, 2, 2]);
  assert.equal(await project.db.collection('copied').countDocuments(), 3);
  const { operations } = (await trail(project, 'migration_completed'))[0];
  assert.equal(operations.find(({ filter }) => filter === '{ n: { $gt: ? } }').commands, 3);
});

test('what a migration has started and left alone does not end the application when it fails', async () => {
  const project = world.project({
    'my migrations/001_a.js': script("await db.collection('ran').insertOne({ n: 1 });\nsetTimeout(async () => { await db.collection('ran').insertOne({ n: 2 }); }, 1500);\nsetTimeout(() => { throw new Error('much later'); }, 1600);"),
    'run.mjs': `import { MongoClient } from 'mongodb';
import { Migrator } from 'whimbrel';
const client = new MongoClient(process.env.MONGODB_URI);
const migrator = new Migrator({ client, directory: 'my migrations' });
const heard = [];
migrator.on('warned', ({ message }) => heard.push(message));
await migrator.runMigrations();
// As signal-exit and monitoring agents do.
const { emit } = process;
process.emit = function (...args) { return emit.apply(this, args); };
await migrator.runMigrations({ force: true });
await new Promise(done => { setTimeout(done, 2000); });
console.log(JSON.stringify(heard));
process.emit('whatever');
await migrator.close();
await client.close();
`,
  });
  const ended = must(await project.node(['run.mjs']));
  const heard = JSON.parse(ended.stdout);
  assert.ok(heard.some(text => /WhimbrelStoppedError/.test(text)) && heard.some(text => /much later/.test(text)), ended.stdout);
  assert.deepEqual(await ran(project), [1, 1]);
});

test('timers that are due soon are awaited, and what they do is part of the migration', async t => {
  const project = world.project({
    'migrations/scripts/001_a.js': script("const sleep = ms => new Promise(done => { setTimeout(done, ms); });\n[1, 2, 3].forEach(async n => { await sleep(50 * n); await db.collection('ran').insertOne({ n }); });\nconst interval = setInterval(() => {}, 10_000); const cleared = setTimeout(() => { throw new Error('cleared'); }, 500); clearTimeout(cleared); clearInterval(interval);"),
    'migrations/scripts/002_b.js': script("setTimeout(async () => { throw new Error('in a timer'); }, 50);"),
  });
  const { migrator } = await make(t, project);
  await assert.rejects(migrator.runMigrations(), error('MIGRATION_FAILED', /002_b\.js failed: Error: in a timer/));
  assert.deepEqual(await ran(project), [1, 2, 3]);
});

test('the application ends as it says, with its own exit code', async () => {
  const project = world.project({ ...one(''), 'run.mjs': "import { MongoClient } from 'mongodb';\nimport { Migrator } from 'whimbrel';\nconst client = new MongoClient(process.env.MONGODB_URI);\nconst migrator = new Migrator({ client });\nmigrator.once('started', () => { process.exitCode = 3; });\nawait migrator.runMigrations();\nprocess.exit();" });
  const ended = await project.node(['run.mjs']);
  assert.equal(ended.code, 3, ended.output);
});

test('what the application began in a migration that hangs is its own when that is given up', async () => {
  const project = world.project({
    'app/worker.mjs': "import { MongoClient } from 'mongodb';\nconst client = new MongoClient(process.env.MONGODB_URI);\nlet beats = 0;\nsetInterval(async () => { await client.db().collection('beats').insertOne({}); beats += 1; if (beats === 20) console.log('beating'); }, 50);\nprocess.on('SIGTERM', () => { console.log('told'); process.exit(0); });",
    'migrations/scripts/001_a.js': script("await import('../../app/worker.mjs');\nawait new Promise(() => {});"),
    'run.mjs': "import { MongoClient } from 'mongodb';\nimport { Migrator } from 'whimbrel';\nconst migrator = new Migrator({ client: new MongoClient(process.env.MONGODB_URI), timeout: '300ms' });\nawait migrator.runMigrations().catch(error => console.log(error.code));\nawait migrator.close();\nconsole.log('closed');",
  });
  const running = project.start(['run.mjs']);
  await running.until('closed');
  await running.until('beating');
  running.child.kill('SIGTERM');
  const ended = must(await running.ended);
  assert.match(ended.stdout, /^MIGRATION_TIMEOUT\nclosed\nbeating\ntold\n$/);
});

test('a file that hangs while it is loaded is given up, and what it does later is nobody else\'s affair', async t => {
  const project = world.project({ 'migrations/scripts/001_a.js': `await globalThis.opened;\n${script("await db.collection('ran').insertOne({ n: 1 });")}` });
  globalThis.opened = new Promise(resolve => { globalThis.open = resolve; });
  const { migrator } = await make(t, project, { timeout: '300ms' });
  await assert.rejects(migrator.runMigrations(), error('MIGRATION_TIMEOUT', /loading the file took longer/));
  // What hung goes on in the middle of the next run.
  project.write('migrations/scripts/001_a.js', script("globalThis.open();\nawait new Promise(done => { setTimeout(done, 100); });\nawait db.collection('ran').insertOne({ n: 2 });"));
  await migrator.runMigrations();
  assert.deepEqual(await ran(project), [2]);
});

test('what is sent past the handles and not awaited is awaited and told, and its failure is the migration\'s', async () => {
  const project = world.project({
    'models/user.js': "import mongoose from 'mongoose';\nexport const User = mongoose.model('User', new mongoose.Schema({ name: String }));",
    'migrations/scripts/001_a.js': script("User.create({ name: 'a' });", "import { User } from '../../models/user.js';"),
    'migrations/scripts/002_b.js': script("const _id = '0123456789abcdef01234567';\nawait User.create({ _id });\nUser.create({ _id });", "import { User } from '../../models/user.js';"),
    'run.mjs': "import mongoose from 'mongoose';\nimport { Migrator } from 'whimbrel';\nawait mongoose.connect(process.env.MONGODB_URI, { autoIndex: false });\nconst migrator = new Migrator({ connection: mongoose });\nmigrator.on('warned', ({ message }) => console.log(message));\nawait migrator.runMigrations().catch(error => console.log(error.message.split('\\n')[0], error.cause?.code));\nawait migrator.close();\nawait mongoose.disconnect();",
  });
  const [warned, failed] = must(await project.node(['run.mjs'])).stdout.split('\n');
  assert.match(warned, /^nobody awaited insert on users/);
  assert.match(failed, /^migration 002_b\.js failed: MongoServerError: E11000.* 11000$/);
});

test('a transaction of its own that nobody awaited is awaited with its commit', async t => {
  const project = world.project(one("const session = client.startSession();\nlet inside;\nconst done = new Promise(resolve => { inside = resolve; });\nsession.withTransaction(async its => { await db.collection('ran').insertOne({ n: 1 }, { session: its }); inside(); });\nawait done;"));
  const { migrator } = await make(t, project);
  const warnings = [];
  migrator.on('warned', ({ message }) => warnings.push(message));
  await migrator.runMigrations();
  assert.deepEqual(await ran(project), [1]);
  assert.match(warnings.join(), /nobody awaited withTransaction/);
});

test('with driver 4, callbacks are called', async t => {
  const { default: driver } = await import('mongodb4');
  const project = world.project(one("await db.collection('ran').insertMany([{ n: 1 }, { n: 2 }]);\nconst called = call => new Promise((resolve, reject) => call((error, result) => (error ? reject(error) : resolve(result))));\nconst all = await called(done => db.collection('ran').find().toArray(done));\nlet seen = 0;\nawait called(done => db.collection('ran').find().forEach(() => { seen += 1; }, done));\nconst one = await called(done => db.collection('ran').findOne({ n: 2 }, done));\nawait called(done => db.collection('ran').insertOne({ n: all.length + seen + one.n }, done));"));
  const { migrator } = await make(t, project, {}, new driver.MongoClient(world.uri));
  await migrator.runMigrations();
  assert.deepEqual(await ran(project), [1, 2, 6]);
});

test('TypeScript that a migration imports is loaded, by either name, whatever the migration is written in', async t => {
  const project = world.project({
    'lib/kind.ts': "import { more } from './more.js';\nexport enum Kind { One = 1 }\nexport const value: number = Kind.One + more;",
    'lib/more.ts': 'export const more: number = 1;',
    'migrations/scripts/001_a.mjs': script("await db.collection('ran').insertOne({ n: value });", "import { value } from '../../lib/kind.ts';"),
    'migrations/scripts/002_b.ts': "import { value } from '../../lib/kind.js';\nexport default async function up(db: any): Promise<void> { await db.collection('ran').insertOne({ n: value + 1 }); }",
  });
  const { migrator } = await make(t, project);
  await migrator.runMigrations();
  assert.deepEqual(await ran(project), [2, 3]);
});

test('a migration that runs migrations is told so, instead of waiting for itself', async t => {
  const project = world.project(one('await globalThis.migrator.runMigrations();'));
  const { migrator } = await make(t, project);
  globalThis.migrator = migrator;
  await assert.rejects(migrator.runMigrations(), error('MIGRATION_FAILED', /which would wait for its own end/));
});

test('an error of the application that names a migration is the application\'s', async () => {
  const project = world.project({ ...one(''), 'run.mjs': "import { MongoClient } from 'mongodb';\nimport { Migrator } from 'whimbrel';\nimport path from 'node:path';\nprocess.on('uncaughtException', error => { console.log('heard', error.message.length > 0); process.exit(4); });\nconst migrator = new Migrator({ client: new MongoClient(process.env.MONGODB_URI) });\nawait migrator.runMigrations();\nsetTimeout(() => { throw new Error(`cannot parse ${path.resolve('migrations/scripts/001_a.js')}:1:1`); }, 10);" });
  const ended = await project.node(['run.mjs']);
  assert.deepEqual([ended.code, ended.stdout], [4, 'heard true\n'], ended.output);
});

test('a client that was closed meanwhile is noticed, and a client that is none yet', async t => {
  const project = world.project({ 'migrations/scripts/001_a.js': script("await db.collection('ran').insertOne({ n: 1 });") });
  const { migrator, client } = await make(t, project);
  await migrator.getMigrationStatus();
  await client.close();
  await assert.rejects(migrator.runMigrations(), error('CLIENT_CLOSED', /is closed/));
  assert.equal(await project.db.collection('migrations').countDocuments(), 0);
  assert.throws(() => new Migrator({ client: undefined }), error('OPTION_INVALID', /`client` is undefined/, /is an await missing/));
});

test('a model in TypeScript is loaded once in the process', async () => {
  const project = world.project({
    'models/user.ts': "import mongoose from 'mongoose';\nexport enum Kind { Person = 'person' }\nexport const User = mongoose.model('User', new mongoose.Schema({ name: String, kind: { type: String, default: Kind.Person } }));",
    'migrations/scripts/001_a.ts': "import { User } from '../../models/user.ts';\nexport default async function up(): Promise<void> { await User.create({ name: 'a' }); }",
    'migrations/scripts/002_b.ts': "import { User } from '../../models/user.ts';\nexport default async function up(): Promise<void> {\n  const many: number = await User.countDocuments();\n  interface Nothing {\n    here: true;\n  }\n  if (many === 1) throw new Error(`one`);\n}",
    'run.mjs': "import mongoose from 'mongoose';\nimport { Migrator } from 'whimbrel';\nawait mongoose.connect(process.env.MONGODB_URI, { autoIndex: false });\nconst migrator = new Migrator({ connection: mongoose });\nawait migrator.runMigrations().catch(error => console.log(error.message));\nawait migrator.close();\nawait mongoose.disconnect();",
  });
  const ended = must(await project.node(['run.mjs']));
  assert.match(ended.stdout, /^migration 002_b\.ts failed: Error: one\n +at (.*\()?migrations\/scripts\/002_b\.ts:7:25/);
  const [user] = await project.db.collection('users').find().toArray();
  assert.equal(user.kind, 'person');
});

test('files mix both kinds of modules as elsewhere', async t => {
  const project = world.project({
    'lib/common.cjs': "exports.name = 'common';",
    'migrations/scripts/001_a.js': "import path from 'node:path';\nconst { name } = require('../../lib/common.cjs');\nmodule.exports = { async up(db) { await db.collection('ran').insertOne({ n: 1, name: path.basename(__filename) + name }); } };",
    'migrations/scripts/002_b.js': "exports.up = async function (db) { undeclared = 2; await db.collection('ran').insertOne({ n: undeclared, self: this === undefined }); delete globalThis.undeclared; };",
  });
  const { migrator } = await make(t, project);
  await migrator.runMigrations();
  assert.deepEqual((await project.db.collection('ran').find().sort({ n: 1 }).toArray()).map(({ name, self }) => name ?? self), ['001_a.jscommon', false]);
});

test('the database is that of the settings, then that of the client; what has no meaning is refused', async () => {
  const project = world.project({
    'migrations/scripts/001_a.js': script("await db.collection('ran').insertOne({ n: 1 });"),
    'whimbrel.toml': 'database = "of_the_file"\n',
    'run.mjs': "import { MongoClient } from 'mongodb';\nimport { Migrator } from 'whimbrel';\nconst client = new MongoClient(process.env.MONGODB_URI);\nconst migrator = new Migrator({ client, ...JSON.parse(process.argv[2]) });\nawait migrator.runMigrations().catch(error => console.log(error.code, error.message));\nawait client.close();",
  });
  must(await project.node(['run.mjs', '{}']));
  assert.equal(await world.client.db('of_the_file').collection('ran').countDocuments(), 1);
  must(await project.node(['run.mjs', '{}'], { WHIMBREL_DATABASE: 'of_the_environment' }));
  assert.equal(await world.client.db('of_the_environment').collection('ran').countDocuments(), 1);
  must(await project.node(['run.mjs', `{"database":"${project.database}"}`]));
  assert.deepEqual(await ran(project), [1]);
  const refused = await project.node(['run.mjs', '{"runtime":"embedded"}']);
  assert.match(refused.stderr, /with `client`, migrations run in this process, and `runtime` has no meaning/);
});

test('a server that is away keeps neither a signal nor close waiting', async t => {
  const client = new MongoClient('mongodb://127.0.0.1:1/app', { serverSelectionTimeoutMS: 4_000 });
  t.after(() => client.close());
  const project = world.project(one(''));
  const make = () => new Migrator({ client, directory: path.join(project.folder, 'migrations/scripts') });
  const controller = new AbortController();
  const aborted = make().runMigrations({ signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  await assert.rejects(aborted, error('INTERRUPTED'));
  const migrator = make();
  const closed = migrator.runMigrations();
  closed.catch(() => {});
  await new Promise(resolve => { setTimeout(resolve, 50); });
  await migrator.close();
  await assert.rejects(closed, error('MIGRATOR_CLOSED'));
});

test('log takes what it is given, with the types of the driver', async t => {
  const project = world.project(one("const circular = {}; circular.self = circular;\nlog('info', 'many', { big: 1n, id: new ObjectId('0123456789abcdef01234567'), at: new Date(0) });\nlog('warn', 'round', circular);", "import { log } from 'whimbrel';\nimport { ObjectId } from 'mongodb';"));
  const { migrator } = await make(t, project);
  await migrator.runMigrations();
  const [many, round] = await trail(project, 'migration_log');
  assert.equal(many.fields.id.toHexString(), '0123456789abcdef01234567');
  assert.deepEqual([Number(many.fields.big), many.fields.at], [1, new Date(0)]);
  assert.match(round.fields.self, /Circular/);
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
  await fails({ client: closed }, 'CLIENT_CLOSED', /is closed/, /one that is open/);
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
  assert.equal(of('mongodb://h:1/?appName=a', { tlsAllowInvalidCertificates: true, tls: true }), 'mongodb://h:1/?appName=a&tls=true&tlsAllowInvalidCertificates=true');
  // The driver reads the files when it connects.
  const connected = new MongoClient('mongodb://h:1/app', { tls: true, tlsCAFile: '/etc/ca.pem' });
  connected.options.ca = 'the text of that file';
  assert.match(uriOf(connected), /tlsCAFile=%2Fetc%2Fca\.pem/);
  const { databaseIn, driverOf } = await import('../lib/internal/process/client.cjs').then(module => module.default);
  assert.deepEqual([databaseIn('mongodb://u:p@h/my%20db?x=a@b/c'), databaseIn('mongodb://h?appName=a@b/c')], ['my db', undefined]);
  assert.match(driverOf(new (class extends MongoClient {})('mongodb://h')).version, /^7\./);
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

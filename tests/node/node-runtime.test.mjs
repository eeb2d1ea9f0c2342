// Migrations that run in a Node.js process of the project: what they may be, and what they have.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { group, must, one, script, startWorld } from './node-runtime/project.mjs';

let world;
before(async () => { world = await startWorld(); });
after(() => world?.stop());

group('files', async t => {
  await Promise.all([
    t.test('every way to write a migration runs, in one process', async () => {
      const project = world.project({
        'package.json': '{ "private": true, "imports": { "#lib/*": "./lib/*" } }',
        'tsconfig.json': '{ "compilerOptions": { "baseUrl": ".", "paths": { "@models/*": ["models/*"] } } }',
        'lib/esm.mjs': "export const name = 'esm';",
        'lib/common.cjs': "exports.name = 'common';",
        'lib/data.json': '{ "name": "json" }',
        'models/kind.ts': "export enum Kind { First = 'first' }\nexport interface Unused { a: string }",
        'migrations/scripts/001_esm.js': script("await db.collection('ran').insertOne({ _id: 1, name, pid: process.pid });", "import { name } from '#lib/esm.mjs';"),
        'migrations/scripts/002_common.js': "const { name } = require('../../lib/common.cjs');\nconst data = require('../../lib/data.json');\nmodule.exports = { async up(db) { await db.collection('ran').insertOne({ _id: 2, name, data: data.name, pid: process.pid }); }, async down() {} };",
        'migrations/scripts/003_typed.ts': "import { Kind, Unused } from '@models/kind';\nimport { Db } from 'mongodb';\nexport default async function up(db: Db): Promise<void> { const x = {} as Unused; await db.collection('ran').insertOne({ _id: 3 as any, name: Kind.First, pid: process.pid }); }\nexport async function rollback() {}",
        'migrations/scripts/004_mixed.js': "import path from 'node:path';\nconst { name } = require('../../lib/common.cjs');\nmodule.exports = { async up(db) { await db.collection('ran').insertOne({ _id: 4, name: path.basename(__filename) + name, pid: process.pid }); } };",
        'migrations/scripts/005_class.mjs': "export class Five { async up(db, client) { await client.db(db.databaseName).collection('ran').insertOne({ _id: 5, name: this.constructor.name, pid: process.pid }); } async down() {} }",
        'migrations/scripts/006_done.js': "exports.up = function (db, done) { db.collection('ran').insertOne({ _id: 6, name: 'done', pid: process.pid }).then(() => done(), done); };",
        'migrations/scripts/007_meta.js': script("await db.collection('ran').insertOne({ _id: 7, name: [import.meta.url === (await import('node:url')).pathToFileURL(import.meta.filename).href, process.cwd() === (await import('node:path')).resolve(import.meta.dirname, '../..')], pid: process.pid });"),
      });
      must(await project.run('up'));
      const ran = await project.db.collection('ran').find().sort({ _id: 1 }).toArray();
      assert.deepEqual(ran.map(({ name }) => name), ['esm', 'common', 'first', '004_mixed.jscommon', 'Five', 'done', [true, true]]);
      assert.equal(ran[1].data, 'json');
      assert.equal(new Set(ran.map(({ pid }) => pid)).size, 1);
    }),

    t.test('modules of the project are loaded afresh for each migration, packages are not', async () => {
      const body = n => script(`count.value += 1; await db.collection('ran').insertOne({ _id: ${n}, value: count.value, same: globalThis.lodash === lodash }); globalThis.lodash = lodash;`, "import { count } from '../../lib/count.js';\nimport lodash from 'lodash';");
      const project = world.project({
        'lib/count.js': "import { inner } from './inner.cjs';\nexport const count = inner;",
        'lib/inner.cjs': 'exports.inner = { value: 0 };',
        'migrations/scripts/001_a.js': body(1),
        'migrations/scripts/002_b.js': body(2),
      });
      must(await project.run('up'));
      const ran = await project.db.collection('ran').find().sort({ _id: 1 }).toArray();
      assert.deepEqual(ran.map(({ value, same }) => [value, same]), [[1, false], [1, true]]);
    }),

    t.test('what is imported counts for the checksum, unless a setting leaves it out', async () => {
      const project = world.project({
        'src/model.ts': "export const name: string = 'a';",
        'lib/helper.js': "export const help = 'b';",
        ...one("await db.collection('ran').insertOne({ name, help });", "import { name } from '../../src/model';\nimport { help } from '../../lib/helper.js';"),
      });
      must(await project.run('up'));
      const { imports } = await project.row('001_a.js');
      assert.deepEqual(imports.map(one => one.path), ['lib/helper.js', 'src/model.ts']);
      project.write('src/model.ts', "export const name: string = 'changed';");
      const refused = await project.run('up');
      assert.equal(refused.code, 4, refused.output);
      assert.match(refused.stderr, /it imports src\/model\.ts/);
      assert.match(refused.stderr, /the setting checksum\.ignore leaves it out/);
      must(await project.run('up', '--checksum-ignore', 'src'));
      must(await project.run('verify', '--checksum-ignore', 'src/model.ts'));
      assert.equal((await project.run('verify', '--checksum-ignore', 'sr')).code, 4);
      project.write('lib/helper.js', "export const help = 'changed';");
      assert.equal((await project.run('up', '--checksum-ignore', 'src')).code, 4);
    }),

    t.test('a baseline looks at it, and runs nothing', async () => {
      const project = world.project({ 'lib/helper.js': "export const help = 'b';", ...one("await db.collection('ran').insertOne({});", "import { help } from '../../lib/helper.js';\nimport http from 'node:http';") });
      must(await project.run('baseline'));
      assert.equal(await project.db.collection('ran').countDocuments(), 0);
      assert.deepEqual((await project.row('001_a.js')).imports.map(one => one.path), ['lib/helper.js']);
      project.write('lib/helper.js', "export const help = 'changed';");
      assert.equal((await project.run('verify')).code, 4);
    }),

    t.test('errors tell class, code and place in the file', async () => {
      const project = world.project({
        'migrations/scripts/001_a.ts': "interface A { a: string }\ninterface B { b: string }\nexport async function up(db: any): Promise<void> {\n  await db.collection('a').insertOne({ _id: 1 });\n  await db.collection('a').insertOne({ _id: 1 });\n}",
      });
      const ran = await project.run('up');
      assert.equal(ran.code, 1);
      assert.match(ran.stdout, /MongoServerError: E11000 duplicate key/);
      assert.match(ran.stdout, /\(migrations\/scripts\/001_a\.ts:5:/);
      assert.match(ran.stderr, /hint: a unique index refused a duplicate/);
      const { error, errorDetail } = await project.row('001_a.ts');
      assert.match(error, /^MongoServerError: E11000/);
      assert.equal(errorDetail.class, 'MongoServerError');
      assert.equal(Number(errorDetail.code), 11000);
      assert.match(errorDetail.stack, /001_a\.ts:5:/);
      assert.doesNotMatch(errorDetail.stack, /node_modules|whimbrel=/);
    }),

    t.test('what happens at the top level has its place, and what was printed before', async () => {
      const project = world.project({ ...one('', "import { x } from '../../lib/config.js';"), 'lib/config.js': "console.error('STRIPE_KEY is required');\nthrow new Error('no config');\nexport const x = 1;" });
      let ran = await project.run('up');
      assert.match(ran.stdout, /Error: no config\n\s+at lib\/config\.js:2:7\n\s+before that it printed:\n\s+STRIPE_KEY is required/);
      project.write('lib/config.js', "console.error('STRIPE_KEY is required');\nprocess.exit(1);\nexport const x = 1;");
      ran = await project.run('up');
      assert.match(ran.stdout, /process\.exit\(1\) at lib\/config\.js:2:9\n\s+before that it printed:\n\s+STRIPE_KEY is required/);
      assert.match(ran.stderr, /hint: code at the top level of a file must not end the process/);
      project.write('lib/config.js', 'export const y = 1;');
      ran = await project.run('up');
      assert.match(ran.stdout, /does not provide an export named 'x'\n\s+at migrations\/scripts\/001_a\.js:1/);
      project.write('migrations/scripts/001_a.js', script('', "require('nowhere-to-be-found');"));
      ran = await project.run('up');
      assert.match(ran.stderr, /hint: is it installed\? `npm install` in /);
    }),

    t.test('require takes TypeScript and ES modules, fresh each time', async t => {
      if (!process.features.require_module) return t.skip('this Node.js cannot require ES modules');
      const body = n => `const { count } = require('../../lib/count');\nexports.up = async db => { count.value += 1; await db.collection('ran').insertOne({ _id: ${n}, value: count.value }); };`;
      const project = world.project({
        'lib/count.ts': "import { start } from './start.mjs';\nexport enum Kind { A = 'a' }\nexport const count: { value: number } = { value: start };",
        'lib/start.mjs': 'export const start = 0;',
        'migrations/scripts/001_a.js': body(1),
        'migrations/scripts/002_b.js': body(2),
      });
      must(await project.run('up'));
      assert.deepEqual((await project.db.collection('ran').find().sort({ _id: 1 }).toArray()).map(({ value }) => value), [1, 1]);
      assert.deepEqual((await project.row('001_a.js')).imports.map(one => one.path), ['lib/count.ts']);
    }),

    t.test('a module sees what a file sees', async () => {
      const project = world.project(one("await db.collection('ran').insertOne({ seen: [typeof globalThis.fs, typeof globalThis.hello, typeof globalThis.vm, typeof globalThis.require, typeof crypto.randomUUID], main: import.meta.url === pathToFileURL(process.argv[1]).href });", "import { pathToFileURL } from 'node:url';"));
      must(await project.run('up'));
      const { seen, main } = await project.db.collection('ran').findOne();
      assert.deepEqual([seen, main], [['undefined', 'undefined', 'undefined', 'undefined', 'function'], false]);
    }),

    t.test('a cause, and what is no error, are told too', async () => {
      const project = world.project(one("throw new RangeError('outer', { cause: new TypeError('inner') });"));
      const ran = await project.run('up');
      assert.match(ran.stdout, /RangeError: outer\n\s+caused by TypeError: inner/);
      project.write('migrations/scripts/001_a.js', script("throw 'only text';"));
      assert.match((await project.run('up')).stdout, /failed \(.*\): only text/);
      project.write('migrations/scripts/001_a.js', script("throw { [Symbol.for('nodejs.util.inspect.custom')]() { throw 1; } };"));
      assert.match((await project.run('up')).stdout, /something was thrown that cannot be shown/);
    }),

    t.test('a syntax error and a missing import stop the run before anything', async () => {
      const project = world.project({ ...one("await db.collection('ran').insertOne({});"), 'migrations/scripts/002_b.js': 'export async function up(db) {\n  const a = ;\n}' });
      let ran = await project.run('up');
      assert.equal(ran.code, 1);
      assert.match(ran.stdout, /002_b\.js cannot be loaded, so nothing was run: SyntaxError/);
      assert.match(ran.stdout, /--> migrations\/scripts\/002_b\.js:2:13/);
      project.write('migrations/scripts/002_b.js', "import './nowhere.js';\nexport async function up() {}");
      ran = await project.run('up');
      assert.match(ran.stdout, /ERR_MODULE_NOT_FOUND/);
      assert.doesNotMatch(ran.stdout, /data:text/);
      assert.equal(await project.row('001_a.js'), null);
    }),
  ]);
});

group('between migrations', async t => {
  const leftover = "(async () => { for (;;) { await sleep(20); await db.collection('left').insertOne({}).catch(error => { globalThis.refused = error.code; }); } })();\nawait sleep(50);";
  const head = "import { setTimeout as sleep } from 'node:timers/promises';";
  await Promise.all([
    t.test('what one leaves behind writes nothing when none runs, and is told', async () => {
      const project = world.project({
        'migrations/scripts/001_a.js': script(leftover, head),
        'migrations/scripts/002_b.js': script("const before = await db.collection('left').countDocuments(); await new Promise(done => setTimeout(done, 300)); await db.collection('seen').insertOne({ more: await db.collection('left').countDocuments() - before });", "export const runtime = 'embedded';"),
      });
      const ran = must(await project.run('up'));
      assert.equal((await project.db.collection('seen').findOne()).more, 0);
      assert.match(ran.stderr, /warning: when no migration ran, insert on left was refused/);
    }),

    t.test('it is not part of the next one either, nor of its transaction', async () => {
      const project = world.project({
        'migrations/scripts/001_a.js': script(leftover, head),
        'migrations/scripts/002_b.js': script("const before = await db.collection('left').countDocuments(); await sleep(200); await db.collection('seen').insertOne({ more: await db.collection('left').countDocuments() - before, refused: globalThis.refused });", `${head}\nexport const transaction = true;`),
      });
      must(await project.run('up'));
      const { more, refused } = await project.db.collection('seen').findOne();
      assert.deepEqual([more, refused], [0, 'OUTSIDE_MIGRATION']);
    }),

    t.test('a late failure of one does not fail the next', async () => {
      const project = world.project({
        'migrations/scripts/001_a.js': script("sleep(400).then(() => { throw new Error('left behind'); });", head),
        'migrations/scripts/002_b.js': script('await sleep(700);', head),
      });
      const ran = must(await project.run('up'));
      assert.match(ran.stderr, /warning: after the end of 001_a\.js, something it had started failed: Error: left behind/);
    }),

    t.test('what a package sets, and its queue, serve the next one', async () => {
      const project = world.project({
        'node_modules/tool/package.json': '{ "name": "tool", "version": "1.0.0", "main": "index.js" }',
        'node_modules/tool/index.js': "process.env.TOOL = 'set';\nconst waiting = [];\nlet timer;\nexports.add = job => new Promise((resolve, reject) => { waiting.push([job, resolve, reject]); timer ??= setInterval(() => { for (const [one, done, failed] of waiting.splice(0)) one().then(done, failed); }, 10); timer.unref(); });",
        'migrations/scripts/001_a.js': script("await tool.add(() => db.collection('seen').insertOne({ n: 1, tool: process.env.TOOL }));", "import tool from 'tool';"),
        'migrations/scripts/002_b.js': script("await tool.add(() => db.collection('seen').insertOne({ n: 2, tool: process.env.TOOL }));", "import tool from 'tool';"),
      }, { modules: { mongodb: 'mongodb' } });
      must(await project.run('up'));
      const seen = await project.db.collection('seen').find().sort({ n: 1 }).toArray();
      assert.deepEqual(seen.map(({ n, tool }) => [n, tool]), [[1, 'set'], [2, 'set']]);
    }),

    t.test('environment and folder are as before', async () => {
      const project = world.project({
        'migrations/scripts/001_a.js': script("process.env.LEAK = '1'; delete process.env.HOME; process.chdir('/');"),
        'migrations/scripts/002_b.js': script("await db.collection('seen').insertOne({ leak: process.env.LEAK ?? null, home: process.env.HOME !== undefined, cwd: process.cwd() });"),
      });
      must(await project.run('up'));
      const { leak, home, cwd } = await project.db.collection('seen').findOne();
      assert.deepEqual([leak, home, cwd], [null, true, project.folder]);
    }),

    t.test('a client or mongoose that was closed is there for the next one', async () => {
      const body = "await mongoose.connection.collection('seen').insertOne({ n: 1 }); await db.collection('seen').insertOne({ n: 1 });";
      const project = world.project({
        'migrations/scripts/001_a.js': script("await db.collection('seen').insertOne({}); await client.close();"),
        'migrations/scripts/002_b.js': script("await db.collection('seen').insertOne({}); await client.close(true);"),
      });
      must(await project.run('up'));
      assert.equal(await project.db.collection('seen').countDocuments(), 2);
      const models = world.project({
        'whimbrel.toml': 'runtime = "node"\n[node]\nmongoose = true\n',
        'migrations/scripts/001_a.js': script(`${body} await mongoose.disconnect();`, "import mongoose from 'mongoose';"),
        'migrations/scripts/002_b.js': script(`${body} await mongoose.connection.close();`, "import mongoose from 'mongoose';"),
        'migrations/scripts/003_c.js': script(body, "import mongoose from 'mongoose';\nexport const transaction = true;"),
      });
      must(await models.run('up'));
      assert.equal(await models.db.collection('seen').countDocuments(), 6);
    }),

    t.test('a failure after the end is told, and fails nobody else', async () => {
      const project = world.project({
        'migrations/scripts/001_a.js': script("sleep(30).then(() => { throw new Error('too late'); });", head),
        'migrations/scripts/002_b.js': script('await sleep(100);', `${head}\nexport const runtime = 'embedded';`.replace(head, '').concat('\nconst sleep = ms => new Promise(done => setTimeout(done, ms));')),
        'migrations/scripts/003_c.js': script(''),
      });
      const ran = must(await project.run('up'));
      assert.match(ran.stderr, /warning: after the end of 001_a\.js, something it had started failed: Error: too late/);
    }),

    t.test('what is only looked at writes nothing', async () => {
      const head = "import { MongoClient } from 'mongodb';\nconst own = await new MongoClient(process.env.OWN).connect();\nconst collection = own.db(process.env.NAME).collection('early');";
      const project = world.project(one('', `${head}\nown.db('x').collection('y').insertOne({}).catch(() => {});\nawait new Promise(done => setTimeout(done, 100));\nawait own.close();`));
      const env = { OWN: world.server.uri, NAME: project.database };
      const ran = await project.start(['up', '--dry-run'], { env }).ended;
      assert.equal(await project.db.collection('early').countDocuments(), 0);
      assert.equal(ran.code, 0, ran.output);
      project.write('migrations/scripts/001_a.js', script('', `${head}\nawait collection.insertOne({});`));
      const refused = await project.start(['up'], { env }).ended;
      assert.equal(refused.code, 1);
      assert.match(refused.stdout, /insert on early was not sent/);
      assert.match(refused.stderr, /hint: code at the top level of a file must change nothing/);
      assert.equal(await project.db.collection('early').countDocuments(), 0);
    }),

    t.test('what was written elsewhere is told', async () => {
      const project = world.project(one("const own = await new MongoClient(process.env.OWN).connect(); await own.db('elsewhere_1').collection('a').insertOne({}); await own.db(db.databaseName).collection('b').insertOne({}); await own.close(); await client.db('elsewhere_2').collection('c').insertOne({});", "import { MongoClient } from 'mongodb';"));
      const ran = must(await project.start(['up'], { env: { OWN: world.server.uri } }).ended);
      assert.match(ran.stderr, /001_a\.js: it wrote to elsewhere_1\.a on \S+ through a connection of its own, and not to the migrated database/);
      assert.equal(ran.stderr.match(/it wrote to/g).length, 1);
    }),
  ]);
});

group('which runtime', async t => {
  await Promise.all([
    t.test('a file says it, before the setting', async () => {
      const project = world.project({
        'whimbrel.toml': '',
        'migrations/scripts/001_a.js': script("await db.collection('ran').insertOne({ _id: 1, node: process.versions.v8 !== undefined });", "export const runtime = 'node';"),
        'migrations/scripts/002_b.js': script("await db.collection('ran').insertOne({ _id: 2, node: process.versions.v8 !== undefined });"),
        'migrations/scripts/003_c.js': "exports.runtime = 'embedded';\nexports.up = async db => { await db.collection('ran').insertOne({ _id: 3, node: process.versions.v8 !== undefined }); };",
      });
      must(await project.run('up', '--to', '2'));
      must(await project.run('up', '--runtime', 'node'));
      const ran = await project.db.collection('ran').find().sort({ _id: 1 }).toArray();
      assert.deepEqual(ran.map(({ node }) => node), [true, false, false]);
    }),

    t.test('auto decides by what is imported, and says why', async () => {
      const project = world.project({
        'whimbrel.toml': 'runtime = "auto"\n',
        'lib/mail.js': "import http from 'node:http';\nexport const agent = http.globalAgent;",
        'migrations/scripts/001_a.js': script("await db.collection('ran').insertOne({ a: 1 });"),
        'migrations/scripts/002_b.js': script("const { agent } = await import('../../lib/mail.js'); await db.collection('ran').insertOne({ a: typeof agent });"),
      });
      const ran = must(await project.run('up'));
      assert.match(ran.stdout, /Executing migration: 002_b\.js\n\s+in Node\.js \d+\.\d+\.\d+ with mongodb 7\.9\.0, because it imports 'node:http' through lib\/mail\.js\n/);
      assert.equal(ran.stdout.match(/in Node\.js/g).length, 1);
      const started = await project.db.collection('migrations_log').findOne({ event: 'migration_started', name: '002_b.js' });
      assert.equal(started.detail.runtime, 'node');
      assert.equal(started.detail.driver, '7.9.0');
      assert.match(started.detail.reason, /node:http/);
    }),

    t.test('the embedded engine names the way out', async () => {
      const project = world.project({ 'whimbrel.toml': '', ...one('', "import mongoose from 'mongoose';") });
      const ran = await project.run('up');
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, /hint: real Node\.js can: write `export const runtime = 'node'`/);
      project.write('migrations/scripts/001_a.js', script("const { MongoClient } = await import('mongodb'); new MongoClient('mongodb://127.0.0.1/x');"));
      assert.match((await project.run('up')).stderr, /hint: real Node\.js can/);
    }),

    t.test('a runtime that is none is an error', async () => {
      const project = world.project(one('', "export const runtime = 'deno';"));
      const ran = await project.run('up');
      assert.match(ran.stdout, /the migration's `runtime` is "deno", which is no runtime/);
      project.write('migrations/scripts/001_a.js', script('', 'export const runtime = process.env.WHERE;'));
      assert.match((await project.run('up')).stdout, /the migration's `runtime` is process\.env\.WHERE/);
      assert.match((await project.run('up', '--runtime', 'bun')).stderr, /invalid value 'bun' for '--runtime/);
    }),

    t.test('nothing to do starts no process', async () => {
      const project = world.project(one(''));
      must(await project.run('up'));
      for (const command of ['up', 'status', 'verify', 'history']) must(await project.run(command, '--node-program', '/nowhere/node'));
    }),

    t.test('code from the history runs in the embedded engine only', async () => {
      const project = world.project({ ...one('', "import http from 'node:http';") });
      must(await project.run('up'));
      rmSync(path.join(project.folder, 'migrations/scripts/001_a.js'));
      const ran = await project.run('down', '--from-history');
      assert.equal(ran.code, 1, ran.output);
      assert.match(ran.stderr, /code from the history runs only in the embedded engine/);
    }),
  ]);
});

group('drivers', async t => {
  const body = `
    const c = db.collection('a');
    await c.insertMany([{ _id: new ObjectId('000000000000000000000001'), n: 1 }, { _id: new ObjectId('000000000000000000000002'), n: 2 }]);
    await c.updateMany({ n: { $gt: 0 } }, { $set: { seen: true } });
    await c.bulkWrite([{ updateOne: { filter: { n: 2 }, update: { $inc: { n: 1 } } } }, { deleteOne: { filter: { n: 1 } } }]);
    await c.createIndex({ n: 1 });
    for await (const one of c.find({}, { batchSize: 1 })) console.log(one.n);
    const bulk = c.initializeOrderedBulkOp(); bulk.insert({ _id: 7 }); await bulk.execute();
    console.log(await c.countDocuments(), await c.distinct('n'), (await db.listCollections().toArray()).some(({ name }) => name === 'a'));
    c.insertOne({ _id: 'late' });`;
  await Promise.all([['4', 'mongodb4'], ['5', 'mongodb5'], ['6', 'mongodb6'], ['7', 'mongodb']].map(([major, target]) => t.test(`mongodb ${major}`, async () => {
    const project = world.project({
      'migrations/scripts/001_a.js': script(body, "import { ObjectId } from 'mongodb';"),
      'migrations/scripts/002_b.js': script("await Promise.all([1, 2, 3].map(n => db.collection('t').insertOne({ n }))); console.log(await db.collection('t').countDocuments()); await db.collection('t').find().toArray();", 'export const transaction = true;'),
      'migrations/scripts/003_c.js': script("await db.collection('t').insertOne({ n: 4 }); await db.collection('a').insertOne({ _id: 7 }).catch(() => {}); await db.collection('t').insertOne({ n: 5 });", 'export const transaction = true;'),
    }, { modules: { mongodb: target } });
    const ran = await project.run('up');
    assert.equal(ran.code, 1, ran.output);
    assert.match(ran.stdout, /001_a\.js completed/);
    assert.match(ran.stdout, /3\n\s+2 \[ 3 \] true\n/);
    assert.match(ran.stderr, /001_a\.js: nobody awaited insertOne on a \(at migrations\/scripts\/001_a\.js:\d+:\d+\); it was awaited at the end/);
    assert.match(ran.stdout, /002_b\.js\n\s+in Node\.js \S+ with mongodb \S+\n\s+3\n/);
    assert.match(ran.stdout, /003_c\.js failed .*E11000/);
    assert.equal(await project.db.collection('t').countDocuments(), 3);
    const { detail } = await project.db.collection('migrations_log').findOne({ event: 'migration_completed', name: '001_a.js' });
    const counted = detail.operations.map(({ kind, filter, inserted, modified, deleted }) => [kind, filter, inserted, modified, deleted].filter(value => value !== undefined).map(String).join(' '));
    for (const wanted of ['insert 4', 'update { n: { $gt: ? } } 2', 'update { n: ? } 1', 'delete { n: ? } 1', 'createIndexes', 'find {}']) {
      assert.ok(counted.includes(wanted), `${wanted} is not among ${counted.join('; ')}`);
    }
    const { detail: started } = await project.db.collection('migrations_log').findOne({ event: 'migration_started', name: '001_a.js' });
    assert.equal(started.driver.split('.')[0], major);
    assert.ok(await project.db.collection('migrations_log').findOne({ event: 'operation_started', 'detail.kind': 'createIndexes' }));
  })));
});

group('mongoose', async t => {
  const model = `
    import mongoose, { Schema } from 'mongoose';
    const schema = new Schema<{ name: string; slug?: string }>({ name: { type: String, required: true, unique: true }, slug: String });
    schema.pre('save', function () { this.slug = this.name.toLowerCase(); });
    export const User = mongoose.model('User', schema);`;
  const toml = 'runtime = "auto"\n[node]\nmongoose = true\n';
  await Promise.all([
    t.test('models with hooks work, and are new for each migration', async () => {
      const project = world.project({
        'whimbrel.toml': toml,
        'src/user.ts': model,
        'migrations/scripts/001_a.ts': "import { User } from '../../src/user';\nexport async function up(db: any) { await User.create({ name: 'Ada' }); console.log((await db.collection('users').findOne()).slug); }\nexport async function down() { await User.deleteMany({}); }",
        'migrations/scripts/002_b.ts': "import { User } from '../../src/user';\nexport async function up() { await User.updateOne({ name: 'Ada' }, { $set: { slug: 'x' } }); }\nexport async function down() {}",
      });
      const ran = must(await project.run('up'));
      assert.match(ran.stdout, /\n\s+ada\n/);
      assert.equal((await project.db.collection('users').findOne()).slug, 'x');
      must(await project.run('down', '--count', '2'));
      assert.equal(await project.db.collection('users').countDocuments(), 0);
      const { detail } = await project.db.collection('migrations_log').findOne({ event: 'migration_started' });
      assert.equal(detail.mongoose, '9.12.1');
    }),

    t.test('models of a package stay, those of a linked folder are new', async () => {
      const define = name => `const mongoose = require('mongoose');\nmodule.exports = mongoose.model('${name}', new mongoose.Schema({ n: Number, other: { type: mongoose.Schema.Types.ObjectId, ref: 'Packaged' } }));`;
      const body = "const other = await Packaged.create({ n: 1 }); await Linked.create({ n: 2, other }); console.log(`linked ${(await Linked.findOne().sort({ _id: -1 }).populate('other')).other.n}`);";
      const head = "import Packaged from 'packaged';\nimport Linked from 'linked';\nimport { Special } from '../../special.js';\nexport const up2 = Special;";
      const project = world.project({
        'whimbrel.toml': toml,
        'packages/linked/package.json': '{ "name": "linked", "version": "1.0.0", "main": "index.js" }',
        'packages/linked/index.js': define('Linked'),
        'node_modules/packaged/package.json': '{ "name": "packaged", "version": "1.0.0", "main": "index.js" }',
        'node_modules/packaged/index.js': define('Packaged'),
        'special.js': "import Linked from 'linked';\nimport mongoose from 'mongoose';\nexport const Special = Linked.discriminator('Special', new mongoose.Schema({ more: Number }));",
        'migrations/scripts/001_a.js': script(body, head),
        'migrations/scripts/002_b.js': script(body, head),
      }, { modules: { mongoose: 'mongoose', mongodb: 'mongodb' } });
      symlinkSync(path.join(project.folder, 'packages/linked'), path.join(project.folder, 'node_modules/linked'), 'junction');
      const ran = must(await project.run('up'));
      assert.equal(ran.stdout.match(/linked 1/g).length, 2);
      const { imports } = await project.row('001_a.js');
      assert.deepEqual(imports.map(one => one.path), ['packages/linked/index.js', 'special.js']);
    }),

    t.test('a transaction holds what models do, all or nothing', async () => {
      const project = world.project({
        'whimbrel.toml': toml,
        'src/user.ts': model,
        'migrations/scripts/001_a.ts': "import { User } from '../../src/user';\nexport const transaction = true;\nexport async function up(db: any) { await User.create({ name: 'Ada' }); await db.collection('other').insertOne({ a: 1 }); if (process.env.FAIL) throw new Error('no'); console.log(await User.countDocuments()); }",
      });
      await project.db.createCollection('users');
      const { code } = await project.start(['up'], { env: { FAIL: '1' } }).ended;
      assert.equal(code, 1);
      assert.equal(await project.db.collection('users').countDocuments(), 0);
      assert.equal(await project.db.collection('other').countDocuments(), 0);
      assert.match(must(await project.run('up')).stdout, /\n\s+1\n/);
      assert.equal((await project.row('001_a.ts')).transaction, true);
      assert.equal(await project.db.collection('users').countDocuments(), 1);
    }),

    t.test('a transaction that models cannot join is refused', async () => {
      const project = world.project({
        'src/user.ts': model,
        'migrations/scripts/001_a.ts': "import { User } from '../../src/user';\nexport const transaction = true;\nexport async function up() { await User.create({ name: 'Ada' }); }",
      });
      const ran = await project.run('up');
      assert.equal(ran.code, 1);
      assert.match(ran.stdout, /their connection is not the one the transaction is on/);
      assert.match(ran.stderr, /hint: set `mongoose = true` in the table \[node\]/);
      assert.deepEqual((await project.db.listCollections({ name: 'users' }).toArray()), []);
    }),

    t.test('models make their collection and indexes when the migration says so', async () => {
      const project = world.project({
        'whimbrel.toml': toml,
        'src/user.ts': model,
        'migrations/scripts/001_a.ts': "import { User } from '../../src/user';\nexport async function up(db: any) { console.log((await db.listCollections({ name: 'users' }).toArray()).length); await User.init(); console.log((await db.collection('users').indexes()).map((index: any) => index.name).join()); }",
      });
      assert.match(must(await project.run('up', '--strict-await')).stdout, /\n\s+0\n\s+_id_,name_1\n/);
    }),

    t.test('looking at a migration makes no collections and indexes', async () => {
      const project = world.project({ 'whimbrel.toml': toml, 'src/user.ts': model, 'migrations/scripts/001_a.ts': "import { User } from '../../src/user';\nexport async function up() { await User.findOne(); }" });
      const ran = must(await project.run('up', '--dry-run'));
      assert.match(ran.stdout, /In Node\.js \S+ with mongodb \S+, because it imports 'mongoose'/);
      assert.deepEqual(await project.db.listCollections({ name: 'users' }).toArray(), []);
    }),

    t.test('models that nobody connected say what to do', async () => {
      const project = world.project({ ...one('await User.findOne();', "import mongoose from 'mongoose';\nconst User = mongoose.model('User', new mongoose.Schema({}, { bufferTimeoutMS: 100 }));") });
      const ran = await project.run('up');
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, /hint: mongoose is not connected: set `mongoose = true`/);
    }),

    t.test('a connection to another database is an error', async () => {
      const project = world.project({ 'whimbrel.toml': toml, ...one('', `import mongoose from 'mongoose';\nmongoose.connect('${world.server.uri}/elsewhere');`) });
      const ran = await project.run('up');
      assert.equal(ran.code, 1, ran.output);
      assert.match(ran.stdout, /the project connected mongoose to the database elsewhere/);
    }),
  ]);
});

test('the example runs up and down', async () => {
  const example = path.resolve(import.meta.dirname, '../../examples/mongoose');
  const names = readdirSync(example, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile() && !(entry.parentPath ?? entry.path).includes('node_modules'));
  const files = Object.fromEntries(names.map(entry => {
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    return [path.relative(example, file), readFileSync(file, 'utf8')];
  }));
  const project = world.project(files, { modules: { mongoose: 'mongoose', mongodb: 'mongodb' } });
  const ran = must(await project.run('up'));
  assert.equal(ran.stdout.match(/in Node\.js/g).length, 2);
  const accounts = await project.db.collection('accounts').find().sort({ owner: 1 }).toArray();
  assert.deepEqual(accounts.map(({ handle, balance }) => [handle, balance]), [['ada-lovelace', 110], ['grace-hopper', 110]]);
  assert.equal((await project.db.collection('ledger').findOne()).accounts, 2);
  must(await project.run('down', '--count', '2'));
  assert.equal(await project.db.collection('accounts').countDocuments(), 0);
  assert.equal(await project.db.collection('ledger').countDocuments(), 0);
  must(await project.run('verify'));
  must(await project.run('down'));
});

group('what the embedded engine has not', async t => {
  await Promise.all([
    t.test('the network, through a package', async () => {
      const project = world.project(one(
        "const server = http.createServer((request, response) => response.end('{\"rate\": 3}')).listen(0, '127.0.0.1');\nawait new Promise(resolve => server.once('listening', resolve));\nconst { data } = await axios.get(`http://127.0.0.1:${server.address().port}/`);\nserver.close();\nawait db.collection('rates').insertOne(data);",
        "import axios from 'axios';\nimport http from 'node:http';",
      ));
      must(await project.run('up'));
      assert.equal((await project.db.collection('rates').findOne()).rate, 3);
    }),

    t.test('a native add-on', async () => {
      const project = world.project({ 'whimbrel.toml': 'runtime = "auto"\n', 'migrations/scripts/001_a.js': "const bcrypt = require('bcrypt');\nexports.up = async db => { await db.collection('a').insertOne({ hash: await bcrypt.hash('x', 4) }); };" });
      const ran = must(await project.run('up'));
      assert.match(ran.stdout, /because it imports/);
      assert.match((await project.db.collection('a').findOne()).hash, /^\$2b\$04\$/);
    }),

    t.test('the module whimbrel, and output in order', async () => {
      const project = world.project(one("console.log('one'); process.stdout.write('two\\nthr'); process.stdout.write('ee'); console.error('four'); console.log(''); process.stdout.write('Copying... '); console.log('done'); process.stdout.write('\\r1%'); process.stdout.write('\\r2%\\n'); log('info', 'backfill', { n: 5 }); progress(2, 4); progress(4, 4);", "import { log, progress } from 'whimbrel';"));
      const ran = must(await project.run('up', '--json'));
      const events = ran.stdout.trim().split('\n').map(line => JSON.parse(line));
      const lines = events.filter(({ event }) => event === 'output').map(({ level, line }) => `${level} ${line}`);
      assert.deepEqual(lines, ['info one', 'info two', 'error four', 'info three', 'info Copying... done', 'info 2%']);
      assert.deepEqual(events.find(({ event }) => event === 'logged').fields, { n: 5 });
      assert.equal(events.findLast(({ event }) => event === 'progress').done, 4);
      assert.equal(events.find(({ event }) => event === 'started').runtime.name, 'node');
      assert.equal((await project.db.collection('migrations_log').findOne({ event: 'migration_log' })).detail.fields.n, 5);
    }),
  ]);
});

group('awaiting and stopping', async t => {
  await Promise.all([
    t.test('a late failure fails the migration', async () => {
      const project = world.project(one("await db.collection('a').insertOne({ _id: 1 }); db.collection('a').insertOne({ _id: 1 });"));
      assert.match((await project.run('up')).stdout, /failed .*E11000/);
      project.write('migrations/scripts/001_a.js', script("Promise.reject(new Error('lost'));"));
      assert.match((await project.run('up')).stdout, /Error: lost/);
      project.write('migrations/scripts/001_a.js', script("setTimeout(() => { throw new Error('in a timer'); }, 20); await new Promise(() => {});"));
      assert.match((await project.run('up')).stdout, /Error: in a timer/);
    }),

    t.test('strict_await makes what nobody awaited an error', async () => {
      const project = world.project(one("db.collection('a').insertOne({ _id: 1 });"));
      const ran = await project.run('up', '--strict-await');
      assert.equal(ran.code, 1);
      assert.match(ran.stdout, /nobody awaited insertOne on a/);
      assert.equal(await project.db.collection('a').countDocuments(), 1);
    }),

    t.test('a change stream that is left open is closed, and told', async () => {
      const project = world.project(one("await db.createCollection('w'); const stream = db.collection('w').watch(); stream.on('change', () => {}); await new Promise(done => setTimeout(done, 100));"));
      const ran = await project.run('up', '--timeout', '20s');
      // A server without change streams says so at once.
      if (ran.code !== 0) assert.doesNotMatch(ran.stderr, /time limit/);
      else assert.match(ran.stderr, /watch on w \(at migrations\/scripts\/001_a\.js:3:\d+\) was left open, and closed at the end/);
    }),

    ...[
      ['immediates without end', '(function again() { setImmediate(again); })();'],
      ['a timer cleared by its number', "const timer = setTimeout(() => {}, 500); clearTimeout(+timer);"],
      ['a timer cleared through the module', "const { clearTimeout: clear } = await import('node:timers'); clear(setTimeout(() => {}, 500));"],
    ].map(([name, body]) => t.test(`${name}: the migration ends`, async () => {
      must(await world.project(one(body)).run('up', '--timeout', '20s'));
    })),

    t.test('an aggregation that writes and was never iterated is told', async () => {
      const project = world.project(one("await db.collection('a').aggregate([{ $match: {} }, { $out: 'b' }]); await db.collection('a').aggregate([{ $out: 'c' }]).toArray();"));
      const ran = must(await project.run('up'));
      assert.match(ran.stderr, /aggregate on a \(at migrations\/scripts\/001_a\.js:\d+:\d+\) with \$merge or \$out was never iterated/);
      assert.equal(ran.stderr.match(/never iterated/g).length, 1);
    }),

    t.test('short timers are awaited, later ones and intervals dropped', async () => {
      const project = world.project({
        ...one("setTimeout(() => db.collection('a').insertOne({ _id: 'soon' }), 50); setTimeout(() => db.collection('a').insertOne({ _id: 'later' }), 60_000); setInterval(() => db.collection('a').insertOne({}), 30_000);"),
        'migrations/scripts/002_b.js': script("await db.collection('a').insertOne({ _id: 'next' });"),
      });
      must(await project.run('up'));
      assert.deepEqual((await project.db.collection('a').find().sort({ _id: 1 }).toArray()).map(({ _id }) => _id), ['next', 'soon']);
    }),

    t.test('the first signal stops after the operation in flight', async () => {
      const project = world.project(one("for (let n = 0; ; n += 1) { await db.collection('a').insertOne({ n }); if (n === 3) console.log('under way'); }"));
      const run = project.start(['up']);
      await run.until('under way');
      run.child.kill('SIGINT');
      const ran = await run.ended;
      assert.equal(ran.code, 130, ran.output);
      const { status, errorDetail } = await project.row('001_a.js');
      assert.equal(status, 'failed');
      assert.deepEqual(errorDetail.outcomeUnknown, []);
      const stands = await project.db.collection('a').countDocuments();
      await new Promise(resolve => { setTimeout(resolve, 200); });
      assert.equal(await project.db.collection('a').countDocuments(), stands);
    }),

    ...[
      ['waits for ever', 'await new Promise(() => {});'],
      ['loops for ever', "process.on('SIGTERM', () => {}); process.on('SIGINT', () => {}); for (;;);"],
      ['floods', "for (;;) console.log('x'.repeat(1000));"],
      ['floods past the runner', "for (;;) try { require('node:fs').writeSync(1, 'x'.repeat(1000) + '\\n'); } catch {}"],
      ['swallows being stopped', "for (;;) await db.collection('a').insertOne({}).catch(() => {});"],
    ].map(([name, body]) => t.test(`a migration that ${name} is stopped by its time limit`, async () => {
      const project = world.project(one(body));
      const ran = await project.run('up', '--timeout', '2s', '--quiet');
      assert.equal(ran.code, 1, ran.output.slice(-500));
      assert.match(ran.stderr, /exceeded its time limit of 2s/);
      assert.equal((await project.row('001_a.js')).errorDetail.code, 'MIGRATION_TIMEOUT');
    })),
  ]);
});

group('transactions', async t => {
  const transaction = 'export const transaction = true;';
  await Promise.all([
    t.test('what throws leaves nothing, and the history is in it', async () => {
      const project = world.project(one("await db.collection('a').insertOne({ _id: 1 }); if (process.env.FAIL) throw new Error('no');", transaction));
      assert.equal((await project.start(['up'], { env: { FAIL: '1' } }).ended).code, 1);
      assert.equal(await project.db.collection('a').countDocuments(), 0);
      must(await project.run('up'));
      assert.equal(await project.db.collection('a').countDocuments(), 1);
      const { confirmations } = await project.db.collection('migrations_lock').findOne({ confirmations: { $exists: true } });
      assert.equal(Number(confirmations), 1);
      must(await project.run('down'));
    }),

    t.test('the first error dooms it, whatever the script catches', async () => {
      const project = world.project(one("await db.collection('a').insertOne({ _id: 1 });\nawait db.collection('a').insertOne({ _id: 1 }).catch(() => {});\nawait db.collection('a').insertOne({ _id: 2 }).catch(() => {});", transaction));
      const ran = await project.run('up');
      assert.equal(ran.code, 1);
      assert.match(ran.stdout, /E11000/);
      assert.equal(await project.db.collection('a').countDocuments(), 0);
    }),

    t.test('what is sent past it is refused, so that there is never half of one', async () => {
      const project = world.project(one(
        "await db.collection('a').insertOne({ _id: 1 });\nconst own = await new MongoClient(process.env.OWN).connect();\ntry { await own.db(db.databaseName).collection('a').insertOne({ _id: 2 }); } finally { await own.close(); }",
        `import { MongoClient } from 'mongodb';\n${transaction}`,
      ));
      const ran = await project.start(['up'], { env: { OWN: world.server.uri } }).ended;
      assert.equal(ran.code, 1, ran.output);
      assert.match(ran.stdout, /insert on a is not part of the migration's transaction/);
      assert.equal(await project.db.collection('a').countDocuments(), 0);
    }),

    t.test('also where the driver is loaded only then', async () => {
      const project = world.project({
        ...one("await db.collection('a').insertOne({ _id: 1 });\nconst { default: mongoose } = await import('mongoose');\nawait mongoose.connect(process.env.OWN, { dbName: db.databaseName });\nawait mongoose.connection.collection('a').insertOne({ _id: 2 });", transaction),
      });
      await project.db.createCollection('a');
      const ran = await project.start(['up'], { env: { OWN: world.server.uri } }).ended;
      assert.equal(ran.code, 1, ran.output);
      assert.match(ran.stdout, /not part of the migration's transaction/);
      assert.match(ran.stderr, /hint: use the `db` that the migration is given/);
      assert.equal(await project.db.collection('a').countDocuments(), 0);
    }),

    t.test('what the driver itself refuses dooms nothing', async () => {
      const project = world.project(one("await db.collection('a').insertOne({ _id: 3 }); const round = { _id: 1 }; round.round = round; await db.collection('a').insertOne(round).catch(() => {}); await db.collection('a').updateOne({ _id: 1 }, { n: 1 }).catch(() => {}); await db.collection('a').insertOne({ _id: 2 });", transaction));
      must(await project.run('up'));
      assert.equal(await project.db.collection('a').countDocuments(), 2);
    }),

    t.test('a session of the script is ignored', async () => {
      const project = world.project(one("const session = client.startSession(); await db.collection('a').insertOne({ _id: 1 }, { session }); await session.endSession(); throw new Error('no');", transaction));
      assert.match((await project.run('up')).stdout, /Error: no/);
      assert.equal(await project.db.collection('a').countDocuments(), 0);
    }),

    t.test('a conflict runs the whole body again, in a fresh process', async () => {
      const project = world.project(one("console.log(`attempt ${globalThis.tried ?? 'first'}`); globalThis.tried = 'second'; await db.collection('a').updateOne({ _id: 1 }, { $inc: { n: 1 } });", transaction));
      await project.db.collection('a').insertOne({ _id: 1, n: 0 });
      const session = world.client.startSession();
      session.startTransaction();
      await project.db.collection('a').updateOne({ _id: 1 }, { $set: { held: true } }, { session });
      const run = project.start(['up']);
      await run.until('the transaction is tried again');
      await session.abortTransaction();
      await session.endSession();
      const ran = must(await run.ended);
      assert.doesNotMatch(ran.stdout, /attempt second/);
      assert.equal((await project.db.collection('a').findOne()).n, 1);
    }),

    t.test('without it, sessions and transactions of the script work as with the driver', async () => {
      const project = world.project(one("await client.withSession(session => session.withTransaction(async () => { await db.collection('a').insertOne({ _id: 1 }, { session }); await db.collection('a').insertOne({ _id: 2 }, { session }); }));"));
      must(await project.run('up'));
      assert.equal(await project.db.collection('a').countDocuments(), 2);
    }),
  ]);
});

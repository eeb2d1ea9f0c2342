// Migrations that run in a Node.js process of the project: how that process ends, and what cannot be started.

import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import path from 'node:path';
import { after, before } from 'node:test';
import { group, must, one, script, startWorld } from './node-runtime/project.mjs';

let world;
before(async () => { world = await startWorld(); });
after(() => world?.stop());

group('how a process ends', async t => {
  const cases = [
    ['process.exit', 'process.exit(0);', /the migration ended the Node\.js process with process\.exit\(0\) at migrations\/scripts\/001_a\.js:3:\d+/, /a migration ends by returning or by throwing/],
    ['a signal', "process.kill(process.pid, 'SIGKILL'); await new Promise(() => {});", /the Node\.js process was killed \(SIGKILL\)/, /memory/],
    ['an abort', 'process.abort();', /the Node\.js process was ended by SIGABRT/],
    ['no memory', 'const all = []; for (;;) all.push(new Array(1000).fill({ x: Math.random() }));', /the Node\.js process ran out of memory/, /--max-old-space-size/],
    ['garbage on the pipe', "require('node:fs').writeSync(4, 'this is no message'); await new Promise(() => {});", /it wrote to Whimbrel's own pipe/, /file descriptors 3 to 7/],
  ];
  await Promise.all([
    ...cases.map(([name, body, message, hint]) => t.test(name, async () => {
      const project = world.project({ ...one(body), 'migrations/scripts/002_b.js': script("await db.collection('ran').insertOne({});") });
      const ran = await project.start(['up', '--continue-on-error'], { env: { NODE_OPTIONS: '--max-old-space-size=64' } }).ended;
      assert.equal(ran.code, 1, ran.output);
      assert.match(ran.stdout, message);
      if (hint) assert.match(ran.stderr, hint);
      const { status, errorDetail } = await project.row('001_a.js');
      assert.deepEqual([status, errorDetail.class], ['failed', 'NodeProcessEnded']);
      // The next migration has a process of its own.
      assert.equal(await project.db.collection('ran').countDocuments(), 1);
    })),

    t.test('in a transaction, nothing is left of it', async () => {
      const project = world.project(one("await db.collection('a').insertOne({ _id: 1 }); process.exit(0);", 'export const transaction = true;'));
      await project.db.createCollection('a');
      const ran = await project.run('up');
      assert.equal(ran.code, 1, ran.output);
      assert.equal(await project.db.collection('a').countDocuments(), 0);
      // Nobody waits for the transaction of a process that is gone.
      project.write('migrations/scripts/001_a.js', script("await db.collection('a').insertOne({ _id: 1 });", 'export const transaction = true;'));
      must(await project.run('up'));
    }),

    ...[
      ['before the commit', '', 1, 0, 'failed'],
      ['after the commit, before anybody knows of it', 'await commit.call(this);', 0, 1, 'completed'],
    ].map(([when, first, code, count, status]) => t.test(`${when}, it is found out what became of it`, async () => {
      const project = world.project(one(
        `const commit = ClientSession.prototype.commitTransaction;\nClientSession.prototype.commitTransaction = async function () { ${first} process.kill(process.pid, 'SIGKILL'); await new Promise(() => {}); };\nawait db.collection('a').insertOne({ _id: 1 });`,
        "import { ClientSession } from 'mongodb';\nexport const transaction = true;",
      ));
      await project.db.createCollection('a');
      const ran = await project.run('up');
      assert.equal(ran.code, code, ran.output);
      assert.equal(await project.db.collection('a').countDocuments(), count);
      assert.equal((await project.row('001_a.js')).status, status);
      // Nothing holds the documents any more.
      await project.db.collection('a').updateOne({ _id: 1 }, { $set: { free: true } });
    })),

    t.test('what does not end by itself is told and ended', async () => {
      const project = world.project(one('', "import http from 'node:http';\nhttp.createServer(() => {}).listen(0);"));
      const ran = must(await project.run('up'));
      assert.match(ran.stderr, /warning: the Node\.js process did not end by itself and was ended: migrations\/scripts\/001_a\.js or what it imports left open a server that listens/);
    }),

    t.test('a server on a port of its own is started once', async () => {
      const free = createServer().listen(0);
      await once(free, 'listening');
      const { port } = free.address();
      free.close();
      await once(free, 'close');
      const project = world.project({
        'lib/server.js': `import http from 'node:http';\nexport const server = http.createServer(() => {}).listen(${port}, '127.0.0.1');\nexport const beat = setInterval(() => {}, 1000);`,
        'migrations/scripts/001_a.js': script("await new Promise(done => setTimeout(done, 50)); await db.collection('ran').insertOne({ _id: 1, is: typeof server });", "import { server } from '../../lib/server.js';"),
        'migrations/scripts/002_b.js': script("await new Promise(done => setTimeout(done, 50)); await db.collection('ran').insertOne({ _id: 2, is: typeof server });", "import { server } from '../../lib/server.js';"),
      });
      const ran = must(await project.run('up'));
      assert.equal(await project.db.collection('ran').countDocuments(), 2);
      assert.match(ran.stderr, /left open a server that listens/);
    }),

    t.test('what importing sends to the database is told', async () => {
      const project = world.project(one('', `import { MongoClient } from 'mongodb';\nconst own = await new MongoClient('${world.server.uri}').connect();\nawait own.db('early').collection('x').findOne();\nawait own.close();`));
      const ran = must(await project.run('up'));
      assert.match(ran.stderr, /warning: 001_a\.js: while it was loaded, before it ran, find on x was sent to the database/);
    }),
  ]);
});

group('bad input', async t => {
  const refused = async (files, options, message, hint, ...args) => {
    const project = world.project(files, options);
    const ran = await project.run('up', ...args);
    assert.equal(ran.code, 1, ran.output);
    assert.match(ran.stdout, message);
    assert.match(ran.stderr, hint);
    assert.equal(await project.row('001_a.js'), null);
    return project;
  };
  const own = version => ({
    'node_modules/mongodb/package.json': `{ "name": "mongodb", "version": "${version}", "main": "lib/index.js" }`,
    'node_modules/mongodb/lib/index.js': '',
  });
  await Promise.all([
    t.test('no Node.js', () => refused(one(''), {}, /there is no Node\.js: `nowhere-node` was not found/, /install Node\.js 18\.19 or newer/, '--node-program', 'nowhere-node')),
    t.test('a program that never starts', async () => {
      const project = world.project(one(''));
      const program = path.join(project.folder, 'node');
      writeFileSync(program, '#!/bin/sh\nexec sleep 60\n');
      chmodSync(program, 0o755);
      const ran = await project.run('up', '--node-program', './node', '--timeout', '500ms');
      assert.equal(ran.code, 1, ran.output);
      assert.match(ran.stdout, /loading the file took longer than 500ms/);
    }),
    t.test('an option of the connection string that the driver does not know', async () => {
      const project = world.project(one("await db.collection('a').insertOne({});"));
      must(await project.run('up', '--uri', `${world.server.uri}/${project.database}?waitQueueMultiple=3&appName=x`));
    }),
    t.test('a program that is no Node.js', () => refused(one(''), {}, /Node\.js did not start: the Node\.js process ended with code 1/, /does `\/bin\/false --version` work\?/, '--node-program', '/bin/false')),
    t.test('a Node.js that is too old', async () => {
      const project = world.project(one(''));
      const fake = path.join(project.folder, 'old.cjs');
      writeFileSync(fake, "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '16.20.2' } });\nObject.defineProperty(process, 'version', { value: 'v16.20.2' });");
      const program = path.join(project.folder, 'node');
      writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" --require "${fake}" "$@"\n`);
      chmodSync(program, 0o755);
      const ran = await project.run('up', '--node-program', './node');
      assert.equal(ran.code, 1, ran.output);
      assert.match(ran.stdout, /Node\.js 16\.20\.2 is too old/);
      assert.match(ran.stderr, /hint: install Node\.js 18\.19 or newer/);
    }),
    t.test('no driver', () => refused(one(''), { modules: {} }, /the package mongodb is not installed in the project/, /npm install mongodb/)),
    t.test('a driver that is too old', () => refused({ ...one(''), ...own('3.7.4') }, { modules: {} }, /mongodb 3\.7\.4, is too old/, /mongodb 4 to 7/)),
    t.test('a driver that is too new', () => refused({ ...one(''), ...own('8.0.0') }, { modules: {} }, /mongodb 8\.0\.0, is newer than/, /mongodb 4 to 7/)),
    t.test('no mongoose', () => refused(one(''), { modules: { mongodb: 'mongodb' } }, /mongoose is not installed in the project/, /npm install mongoose/, '--node-mongoose')),
    t.test('the driver of mongoose is good enough', async () => {
      const project = world.project({ ...one("console.log(typeof new ObjectId(), db.databaseName);", "import { ObjectId } from 'mongodb';") }, { modules: { mongoose: 'mongoose' } });
      must(await project.run('up'));
    }),
    t.test('the connection string goes by the pipe alone', async () => {
      const project = world.project(one("const { readFileSync } = await import('node:fs'); const seen = readFileSync('/proc/self/cmdline', 'utf8') + readFileSync('/proc/self/environ', 'utf8') + JSON.stringify([process.argv, process.execArgv, process.env]); console.log(seen.includes('s3cr3t') ? 'SEEN' : 'hidden');"));
      const ran = must(await project.run('up', '--uri', `${world.server.uri}/${project.database}?appName=s3cr3t`));
      assert.match(ran.stdout, /hidden/);
    }),
    t.test('without permissions.env the environment stays outside', async () => {
      const project = world.project(one("console.log(Object.keys(process.env).includes('FROM_OUTSIDE') ? 'seen' : 'not seen');"));
      const env = { FROM_OUTSIDE: '1' };
      assert.match((await project.start(['up', '--permissions-env=false'], { env }).ended).stdout, /not seen/);
      assert.match((await project.start(['redo'], { env }).ended).stdout, /\n\s+seen/);
    }),
  ]);
});

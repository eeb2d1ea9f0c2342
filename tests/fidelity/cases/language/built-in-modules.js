// Node.js modules that migrations use.
import crypto from 'node:crypto';
import path from 'path';
import { promisify, inspect, format } from 'util';
import assert from 'node:assert/strict';
import { EventEmitter } from 'events';
import os from 'os';
import { readFile } from 'fs/promises';
import fs from 'fs';
import { fileURLToPath } from 'url';
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  await note('hashes', ['md5', 'sha1', 'sha256', 'sha512'].map(name => crypto.createHash(name).update('text').digest('hex')));
  await note('hmac', crypto.createHmac('sha256', 'key').update('text').digest('base64'));
  await note('random', [crypto.randomBytes(8).length, crypto.randomUUID().length, typeof crypto.randomInt(5)]);
  await note('path', [
    path.join('a', '..', 'b', 'c.js'), path.basename('/x/y.json', '.json'), path.extname('a.b.c'), path.relative('/a/b', '/a/c'),
    path.dirname('/a/b/c'),
  ]);
  await note('util', [
    format('%s %d %j', 'a', 5, { x: 1 }), inspect({ a: [1, { b: 2 }] }),
    await promisify((value, done) => done(null, value * 2))(21),
  ]);
  await attempt('assert', () => assert.equal(1, 2));
  const emitter = new EventEmitter();
  const heard = [];
  emitter.once('x', value => heard.push(value));
  emitter.emit('x', 1);
  emitter.emit('x', 2);
  await note('events', heard);
  await note('os', [typeof os.hostname(), os.EOL.length > 0]);
  const here = path.dirname(fileURLToPath(import.meta.url));
  const data = JSON.parse(await readFile(path.join(here, '../../support/countries.json'), 'utf8'));
  await db.collection('countries').insertMany(data);
  await note('fs', [
    fs.existsSync(path.join(here, 'nope')),
    JSON.parse(fs.readFileSync(path.join(here, '../../support/countries.json'), 'utf-8')).length,
  ]);
  await attempt('missing file', () => fs.readFileSync('not-there.json').length).catch(() => {});
  for await (const order of db.collection('orders').find().sort({ _id: 1 })) {
    await db.collection('orders').updateOne(
      { _id: order._id }, { $set: { hash: crypto.createHash('sha1').update(`${order._id}:${order.customer}`).digest('hex') } }
    );
  }
}

// What of Node.js is there: globals and built-in modules.
import { readFile } from 'fs/promises';
import * as path from 'node:path';
import crypto, { createHash } from 'crypto';
import { EventEmitter, once } from 'events';
import { Readable, Transform } from 'stream';
import { pipeline } from 'stream/promises';
import assert from 'node:assert/strict';
import { inspect, promisify } from 'util';
import { setTimeout as sleep } from 'node:timers/promises';

class Ticker extends EventEmitter {
  tick() { this.emit('tick', 1); }
}

/** @param {import('mongodb').Db} db */
export async function up(db) {
  const text = await readFile(path.join(process.cwd(), 'a.txt'), 'utf8');
  const bytes = Buffer.concat([Buffer.from(text), Buffer.from('ff', 'hex'), Buffer.alloc(4)]);
  assert.equal(createHash('sha256').update(bytes).digest('hex').length, 64);
  console.log(bytes.readInt32LE(0), bytes.toString('base64'), crypto.randomUUID(), inspect({}), promisify, btoa('a'), atob('YQ=='));
  console.table([{ a: 1 }]);
  console.error('to stderr');
  process.stdout.write('a line\n');
  const url = new URL('../a?b=c', 'https://example.com/d/');
  url.searchParams.append('e', 'f');
  console.log(url.href, [...url.searchParams], new URLSearchParams({ a: '1' }).get('a'));
  const copy = structuredClone({ a: new Date() });
  console.log(copy.a.getTime(), new TextDecoder().decode(new TextEncoder().encode('ü')), performance.now());
  const timer = setTimeout(() => {}, 10);
  clearTimeout(timer);
  setImmediate(() => {});
  clearInterval(setInterval(() => {}, 5));
  queueMicrotask(() => {});
  await sleep(1);
  await new Promise(resolve => { setTimeout(resolve, 5); });
  const controller = new AbortController();
  const { signal } = controller;
  console.log(await db.collection('a').find({}, { signal }).toArray(), signal.aborted);
  controller.abort();
  const ticker = new Ticker();
  ticker.on('tick', n => { console.log(n); });
  ticker.tick();
  void once(ticker, 'tick');
  await pipeline(Readable.from([1]), new Transform({ objectMode: true, transform(chunk, encoding, done) { done(null, chunk); } }), async source => { for await (const n of source) console.log(n); });
  console.log(global === globalThis, crypto.getRandomValues(new Uint8Array(2)));
}

// Whimbrel's `stream`, `stream/promises`, `timers` and `timers/promises` against Node's own.
//
// Each case is a small program that gets one of the two modules and answers with a log of what happened, in order.
//
// Deviations that are kept on purpose:
//
// | where | Node.js | Whimbrel | reason |
// | --- | --- | --- | --- |
// | web streams, `compose`, `duplexPair` | offered | absent | not for a migration |
// | ticks, where the host has none (`without ticks of the host`) | after all promise reactions | a few microtasks later | the engine has one queue |
// | `map(fn, { concurrency })` | gives what is done | waits for the next piece too | simpler, same result |

import assert from 'node:assert/strict';
import { EventEmitter as NodeEmitter } from 'node:events';
import nodeStream from 'node:stream';
import nodeTimers from 'node:timers';
import nodeTimersPromises from 'node:timers/promises';
import test from 'node:test';
import util from 'node:util';
import buffer from '../../crates/whimbrel-script/js/node/buffer.js';
import { AbortController } from '../../crates/whimbrel-script/js/node/events/abort.js';
import { useHost } from '../../crates/whimbrel-script/js/node/host.js';
import stream from '../../crates/whimbrel-script/js/node/stream.js';
import promises from '../../crates/whimbrel-script/js/node/stream/promises.js';
import timers from '../../crates/whimbrel-script/js/node/timers.js';
import timersPromises from '../../crates/whimbrel-script/js/node/timers/promises.js';
import { random } from './compare.mjs';

// With ticks that come when Node's do, events have to come in the same order.
useHost({ nextTick: callback => process.nextTick(callback) });

const ours = { ...stream, Stream: stream, AbortController, Buffer: buffer.Buffer };
const theirs = { ...nodeStream, Stream: nodeStream, AbortController: globalThis.AbortController, Buffer };

const EVENTS = ['data', 'readable', 'end', 'close', 'error', 'finish', 'prefinish', 'drain', 'pipe', 'unpipe', 'pause', 'resume'];

const plain = value => {
  if (value instanceof Error) return { name: value.name, code: value.code, message: value.message, cause: value.cause && plain(value.cause), errors: value.errors?.map(plain) };
  if (ArrayBuffer.isView(value)) return `<${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1')}>`;
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === 'object') return typeof value.on === 'function' ? 'a stream' : Object.entries(value).map(([key, inner]) => [key, plain(inner)]);
  return typeof value === 'function' ? 'a function' : value;
};

// Time is counted in turns of the loop, so that what comes first does not depend on the machine's load.
const later = (callback, turns = 1) => { setImmediate(turns > 1 ? () => later(callback, turns - 1) : () => callback()); };
const wait = turns => new Promise(resolve => { later(resolve, turns); });

async function run(lib, program) {
  const log = [];
  const tell = (...what) => { log.push(plain(what)); };
  // All events but those that change the mode of a stream when they are listened to.
  const follow = (emitter, name, but = ['data', 'readable']) => {
    for (const event of EVENTS) if (!but.includes(event)) emitter.on(event, (...args) => tell(`${name} ${event}`, ...args));
    return emitter;
  };
  try {
    const result = await program(lib, { tell, follow });
    await wait(60);
    tell('result', result);
  } catch (error) {
    tell('thrown', error);
  }
  return log;
}

async function same(program, what) {
  const [a, b] = [await run(ours, program), await run(theirs, program)];
  assert.deepEqual(a, b, what ?? program.toString());
}

const call = (name, run) => same(async lib => run(lib), name);

test('reading in every mode', async () => {
  const sources = [
    S => S.Readable.from(['a', 'b', 'c']), S => { let n = 0; return new S.Readable({ read() { this.push(n < 5 ? `piece ${n++}` : null); } }); }, S => { let n = 0; return new S.Readable({ highWaterMark: 4, read() { later(() => this.push(n < 4 ? 'x'.repeat(n++ + 1) : null), 1); } }); },
    S => { const r = new S.Readable({ read() {} }); r.push('early'); later(() => { r.push('late'); r.push(null); }, 2); return r; }, S => new S.Readable({ read() { this.push(null); } }), S => { const r = new S.Readable({ objectMode: true, highWaterMark: 2, read() {} }); for (let i = 0; i < 5; i++) r.push({ i }); r.push(null); return r; }, S => { let n = 0; return new S.Readable({ read() { if (n++ < 3) { this.push('1'); this.push('2'); } else this.push(null); } }); },
    S => new S.Readable({ encoding: 'utf8', read() { this.push(Buffer.from([0xc3])); this.push(Buffer.from([0xa4, 0xe2])); this.push(null); } }), S => new S.Readable({ read() { this.push(''); this.push('x'); this.push(Buffer.alloc(0)); this.push(null); } }), S => new S.Readable({ read() { throw new Error('in _read'); } }), S => { let n = 0; return new S.Readable({ read() { if (n++ === 2) this.destroy(new Error('midway')); else this.push('z'); } }); }, S => new S.Readable({ highWaterMark: 0, read() { this.push('q'); this.push(null); } }),
    S => { const r = new S.Readable({ read() {} }); later(() => r.push(null), 1); return r; }, S => S.Readable.from((async function* slow() { yield 1; await wait(1); yield 2; throw new Error('generator'); })()), S => new S.Readable({ read(size) { this.push(String(size)); this.push(null); } }), S => new S.Readable({ autoDestroy: false, read() { this.push('k'); this.push(null); } }), S => new S.Readable({ emitClose: false, read() { this.push(null); } }),
  ];
  const consumers = {
    data: (r, { follow }) => follow(r, 'r', ['readable']),
    readable: (r, { follow, tell }) => { follow(r, 'r', ['data', 'readable']); r.on('readable', () => { tell('readable', r.readableLength); for (let piece = r.read(); piece !== null; piece = r.read()) tell('read', piece); }); },
    'readable by size': (r, { follow, tell }) => { follow(r, 'r', ['data', 'readable']); r.on('readable', () => { for (let piece = r.read(2); piece !== null; piece = r.read(2)) tell('read', piece); }); },
    both: (r, { follow, tell }) => { follow(r, 'r', ['data', 'readable']); r.on('data', piece => tell('data', piece)); r.on('readable', () => { tell('readable'); while (r.read() !== null); }); },
    iteration: async (r, { follow, tell }) => { follow(r, 'r', ['data', 'readable', 'resume', 'pause']); try { for await (const piece of r) tell('piece', piece); } catch (error) { tell('caught', error); } },
    'iteration left early': async (r, { follow, tell }) => { follow(r, 'r', ['data', 'readable', 'resume', 'pause']); try { for await (const piece of r) { tell('piece', piece); break; } } catch (error) { tell('caught', error); } return r.destroyed; },
    'iteration kept': async (r, { follow, tell }) => { follow(r, 'r', ['data', 'readable', 'resume', 'pause']); try { for await (const piece of r.iterator({ destroyOnReturn: false })) { tell('piece', piece); break; } } catch (error) { tell('caught', error); } return r.destroyed; },
    'pause and resume': (r, { follow, tell }) => { follow(r, 'r', ['data', 'readable']); r.on('data', piece => { tell('data', piece, r.isPaused()); r.pause(); tell(r.readableFlowing); later(() => r.resume(), 1); }); },
    resume: (r, { follow }) => { follow(r, 'r', ['data', 'readable']); r.resume(); },
    'destroyed at once': (r, { follow }) => { follow(r, 'r', ['readable']); r.destroy(); return [r.destroyed, r.readable]; },
    'destroyed with an error': (r, { follow, tell }) => { follow(r, 'r', ['readable']); r.destroy(new Error('ours')); r.destroy(new Error('second')); tell(r.errored?.message, r.readableAborted); },
    'listener removed': (r, { follow, tell }) => { follow(r, 'r', ['data', 'readable']); const onReadable = () => { tell('readable'); r.removeListener('readable', onReadable); r.on('data', piece => tell('data', piece)); }; r.on('readable', onReadable); },
    'encoding set late': (r, { follow }) => { if (!r.readableObjectMode) r.setEncoding('hex'); follow(r, 'r', ['readable']); },
    piped: (r, { follow, tell }) => { follow(r, 'r', ['data', 'readable']); const w = new (r.library.Writable)({ objectMode: true, highWaterMark: 2, write(chunk, encoding, callback) { tell('write', chunk, encoding); later(callback); } }); follow(w, 'w'); r.pipe(w); },
    finished: (r, { tell }) => { r.library.finished(r, error => tell('finished', error)); r.on('error', error => tell(error)); r.resume(); },
    'text of all': async (r, { tell }) => { try { tell(await r.toArray()); } catch (error) { tell('caught', error); } },
  };
  for (const [name, consume] of Object.entries(consumers)) {
    for (const make of sources) await same(async (lib, help) => { const r = make(lib); Object.defineProperty(r, 'library', { value: lib }); const result = await consume(r, help); await wait(100); return [result, r.readableEnded, r.destroyed, r.closed, r.readableFlowing, r.readableLength, r.readableDidRead, r.errored]; }, `${name}: ${make}`);
  }
});

test('writing', async () => {
  const targets = [
    (S, tell) => ({ write(chunk, encoding, callback) { tell('write', chunk, encoding); callback(); } }), (S, tell) => ({ highWaterMark: 3, write(chunk, encoding, callback) { tell('write', chunk, encoding); later(callback); } }), (S, tell) => ({ highWaterMark: 3, write(chunk, encoding, callback) { tell('write', chunk); process.nextTick(callback); }, writev(chunks, callback) { tell('writev', chunks.map(({ chunk, encoding }) => [plain(chunk), encoding]), chunks.allBuffers); later(callback); } }),
    (S, tell) => ({ decodeStrings: false, defaultEncoding: 'latin1', write(chunk, encoding, callback) { tell('write', chunk, encoding); callback(); }, final(callback) { tell('final'); later(callback); } }), (S, tell) => ({ objectMode: true, highWaterMark: 2, write(chunk, encoding, callback) { tell('write', chunk); later(callback); }, final(callback) { tell('final'); callback(new Error('final failed')); } }), (S, tell) => ({ write(chunk, encoding, callback) { tell('write', chunk); callback(new Error('write failed')); } }), (S, tell) => ({ write(chunk, encoding, callback) { tell('write'); later(() => callback(new Error('later')), 1); }, destroy(error, callback) { tell('destroy', error); callback(error); } }),
    (S, tell) => ({ write(chunk, encoding, callback) { callback(); callback(); } }), (S, tell) => ({ autoDestroy: false, write(chunk, encoding, callback) { callback(); } }), (S, tell) => ({ construct(callback) { tell('construct'); later(callback, 2); }, write(chunk, encoding, callback) { tell('write', chunk); callback(); } }), (S, tell) => ({ construct(callback) { callback(new Error('construct')); }, write(chunk, encoding, callback) { tell('write', chunk); callback(); } }), (S, tell) => ({ emitClose: false, write(chunk, encoding, callback) { callback(); }, destroy(error, callback) { tell('destroy'); later(callback); } }),
    () => ({ final() { throw new Error('thrown in final'); }, write(chunk, encoding, callback) { callback(); } }),
  ];
  await call('_write throws', lib => new lib.Writable({ write() { throw new Error('thrown in write'); } }).write('x'));
  await call('no _transform', lib => new lib.Transform().write('x'));
  await call('no _write', lib => new lib.Writable().write('x'));
  const writers = {
    plain: (w, { tell }) => { for (const piece of ['one', 'two', Buffer.from('three'), 'four']) tell('took', w.write(piece), w.writableLength, w.writableNeedDrain); w.end('last'); },
    callbacks: (w, { tell }) => { w.write('a', error => tell('a', error)); w.write('b', 'utf8', error => tell('b', error)); w.end('c', 'utf8', error => tell('end', error)); },
    corked: (w, { tell }) => { w.cork(); w.cork(); w.write('a'); w.write('b'); tell(w.writableCorked); w.uncork(); w.write('c'); w.uncork(); tell(w.writableCorked); w.cork(); w.write('d'); w.end(); },
    'after the end': (w, { tell }) => { w.end(); tell(w.write('late', error => tell('late', error))); w.end(error => tell('again', error)); },
    destroyed: (w, { tell }) => { w.write('a', error => tell('a', error)); w.write('b', error => tell('b', error)); w.destroy(new Error('mine'), error => tell('callback', error)); w.write('c', error => tell('c', error)); w.end(error => tell('end', error)); },
    'destroyed without error': (w, { tell }) => { w.write('a', error => tell('a', error)); w.write('b', error => tell('b', error)); w.destroy(); tell(w.destroyed, w.writable); },
    drained: (w, { tell }) => { let n = 0; const more = () => { while (n < 6) { if (!w.write(`piece ${n++}`)) { tell('full'); w.once('drain', more); return; } } w.end(() => tell('ended')); }; more(); },
    'ended twice': (w, { tell }) => { w.end('x', error => tell('first', error)); w.end(error => tell('second', error)); later(() => w.end(error => tell('third', error)), 10); },
    'only ended': w => { w.end(); },
    'wrong values': (w, { tell }) => { for (const piece of [null, 5, {}, undefined, true]) { try { tell(w.write(piece)); } catch (error) { tell(error); } } try { w.write('x', 'nope'); } catch (error) { tell(error); } try { w.setDefaultEncoding('nope'); } catch (error) { tell(error); } w.setDefaultEncoding('HEX'); w.write('4142'); w.end(); },
    piped: (w, { tell }) => { const r = w.library.Readable.from(['a', 'b', 'c']); r.on('close', () => tell('source closed')); r.on('error', error => tell('source', error)); r.pipe(w); },
    'never piped from': (w, { tell }) => { w.pipe(w); tell(w.destroyed); },
    finished: (w, { tell }) => { w.library.finished(w, error => tell('finished', error)); w.write('x'); w.end(); },
    'views': (w, { tell }) => { w.write(new Uint16Array([0x4142])); w.write(new DataView(new ArrayBuffer(2))); w.end(); tell(w.writableEnded, w.writableFinished); },
  };
  for (const [name, writeTo] of Object.entries(writers)) {
    for (const make of targets) {
      await same(async (lib, { tell, follow }) => {
        const w = new lib.Writable(make(lib, tell));
        Object.defineProperty(w, 'library', { value: lib });
        follow(w, 'w');
        const result = await writeTo(w, { tell, follow });
        await wait(100);
        return [result, w.writableEnded, w.writableFinished, w.writableLength, w.destroyed, w.closed, w.errored, w.writableAborted, w.writableHighWaterMark, w.writableObjectMode];
      }, `${name}: ${make}`);
    }
  }
});

test('duplex, transform, passthrough', async () => {
  const upper = { transform(chunk, encoding, callback) { callback(null, String(chunk).toUpperCase()); } };
  const makers = [
    S => new S.PassThrough(), S => new S.Transform(upper), S => new S.Transform({ objectMode: true, async transform(chunk, encoding, callback) { await wait(1); callback(null, { seen: String(chunk) }); } }), S => new S.Transform({ ...upper, flush(callback) { this.push('tail'); callback(null, 'end'); } }), S => new S.Transform({ transform(chunk, encoding, callback) { callback(new Error('transform')); } }), S => new S.Transform({ ...upper, flush(callback) { callback(new Error('flush')); } }), S => new S.Transform({ transform(chunk, encoding, callback) { this.push('1'); this.push('2'); callback(); }, highWaterMark: 2 }),
    S => new S.Transform({ ...upper, final(callback) { callback(); }, flush(callback) { this.push('flushed'); callback(); } }), S => new S.Duplex({ read() { this.push('from read'); this.push(null); }, write(chunk, encoding, callback) { callback(); } }), S => new S.Duplex({ allowHalfOpen: false, read() { this.push(null); }, write(chunk, encoding, callback) { later(callback); } }), S => new S.Duplex({ readable: false, write(chunk, encoding, callback) { callback(); } }), S => new S.Duplex({ writable: false, read() { this.push('x'); this.push(null); } }),
    S => new S.Transform({ transform(chunk, encoding, callback) { this.push(null); callback(); } }), S => new S.Transform({ readableObjectMode: true, transform(chunk, encoding, callback) { for (const line of String(chunk).split('e')) this.push(line); callback(); } }), S => new S.Duplex({ construct(callback) { later(callback, 2); }, read() { this.push('r'); this.push(null); }, write(chunk, encoding, callback) { callback(); } }),
    S => { function Old(options) { S.Transform.call(this, options); this.count = 0; } util.inherits(Old, S.Transform); Old.prototype._transform = function (chunk, encoding, callback) { this.count += chunk.length; this.push(chunk); callback(); }; Old.prototype._flush = function (callback) { this.push(String(this.count)); callback(); }; return new Old({}); },
    S => { class New extends S.Transform { constructor() { super({ objectMode: true }); } _transform(chunk, encoding, callback) { callback(null, chunk); } } return new New(); },
  ];
  const uses = {
    'written and read': (d, { follow }) => { follow(d, 'd', ['readable']); if (d.writable) { d.write('one'); d.write('two'); d.end('three'); } },
    'in the middle': (d, { follow, tell, lib }) => { follow(d, 'd', ['data', 'readable', 'pause', 'resume']); const w = new lib.Writable({ objectMode: true, write(chunk, encoding, callback) { tell('out', chunk); later(callback); } }); follow(w, 'w', ['data', 'readable', 'drain']); lib.Readable.from(['a', 'b', 'c']).pipe(d).pipe(w); },
    pipeline: (d, { tell, lib }) => { lib.pipeline(lib.Readable.from(['a', 'bee', 'c']), d, new lib.Writable({ objectMode: true, highWaterMark: 1, write(chunk, encoding, callback) { tell('out', chunk); later(callback); } }), error => tell('done', error)); },
    iterated: async (d, { tell, lib }) => { lib.Readable.from(['a', 'b']).pipe(d); d.on('error', () => {}); try { for await (const piece of d) tell(piece); } catch (error) { tell('caught', error); } },
    destroyed: (d, { follow }) => { follow(d, 'd', ['readable']); d.write('x'); d.destroy(new Error('stop')); },
    'backpressure': async (d, { tell, follow }) => { follow(d, 'd', ['data', 'readable']); for (let i = 0; i < 6; i++) tell(d.writable && d.write(`value ${i}`)); await wait(12); tell(d.readableLength, d.writableLength); d.on('data', piece => tell('data', piece)); d.end(); },
    finished: (d, { tell, lib }) => { lib.finished(d, error => tell('finished', error)); lib.finished(d, { readable: false }, error => tell('written', error)); lib.finished(d, { writable: false }, error => tell('read', error)); d.on('error', () => {}); d.resume(); if (d.writable) d.end('x'); },
  };
  for (const [name, use] of Object.entries(uses)) {
    for (const make of makers) await same(async (lib, help) => { const d = make(lib); const result = await use(d, { ...help, lib }); await wait(160); return [result, d.destroyed, d.closed, d.readableEnded, d.writableFinished, d.readable, d.writable, d.errored, d instanceof lib.Duplex, d instanceof lib.Writable, d instanceof lib.Readable, d instanceof lib.Stream]; }, `${name}: ${make}`);
  }
});

test('pipe and unpipe', async () => {
  await same(async (lib, { tell, follow }) => { const r = lib.Readable.from(['a', 'b', 'c']); const [v, w] = ['v', 'w'].map(name => follow(new lib.Writable({ objectMode: true, highWaterMark: 1, write(chunk, encoding, callback) { tell(name, chunk); later(callback, name === 'v' ? 1 : 3); } }), name)); follow(r, 'r', ['data', 'readable']); r.pipe(v); r.pipe(w); await wait(120); });
  await same(async (lib, { tell, follow }) => { let n = 0; const r = new lib.Readable({ read() { later(() => this.push(n < 8 ? `${n++}` : null), 1); } }); const w = follow(new lib.Writable({ write(chunk, encoding, callback) { tell('w', chunk); callback(); if (String(chunk) === '3') r.unpipe(w); } }), 'w'); r.pipe(w); await wait(80); tell(r.readableFlowing, r.isPaused()); r.on('data', chunk => tell('rest', chunk)); r.resume(); await wait(120); });
  await same(async (lib, { follow }) => { const r = lib.Readable.from(['a']); const w = follow(new lib.Writable({ objectMode: true, write(chunk, encoding, callback) { callback(); } }), 'w'); r.pipe(w, { end: false }); await wait(40); return [w.writableEnded, r.destroyed]; });
  await same(async (lib, { follow, tell }) => { const r = lib.Readable.from(['a', 'b']); const w = new lib.Writable({ objectMode: true, write(chunk, encoding, callback) { callback(new Error('refused')); } }); w.on('error', error => tell('handled', error)); follow(r, 'r', ['data', 'readable']); r.pipe(w); await wait(40); return [r.destroyed, r.isPaused()]; });
  await same(async (lib, { tell }) => { const r = new lib.Readable({ read() {} }); const list = [1, 2, 3].map(() => new lib.PassThrough()); for (const one of list) { one.on('unpipe', () => tell('unpiped')); r.pipe(one); } r.unpipe(); r.unpipe(list[0]); tell(r.readableFlowing); r.unpipe(5); });
  await same(async (lib, { tell, follow }) => { const old = new lib.Stream(); old.readable = true; old.pause = () => tell('pause'); old.resume = () => tell('resume'); const w = follow(new lib.Writable({ highWaterMark: 1, write(chunk, encoding, callback) { tell(chunk); later(callback); } }), 'w'); old.pipe(w); old.emit('data', 'x'); old.emit('data', 'y'); await wait(40); old.emit('end'); await wait(20); });
  await same(async (lib, { tell }) => { const old = new NodeEmitter(); old.pause = () => tell('pause'); old.resume = () => tell('resume'); const r = new lib.Readable({ highWaterMark: 2 }).wrap(old); r.on('end', () => tell('end')); old.emit('data', Buffer.from('abc')); old.emit('data', Buffer.from('d')); r.on('data', chunk => tell(chunk)); await wait(20); old.emit('end'); await wait(20); });
  await same(async (lib, { tell }) => { const r = lib.Readable.from(['x']); const dest = new NodeEmitter(); dest.writable = true; dest.write = chunk => { tell('write', chunk); return true; }; dest.end = () => tell('end'); r.pipe(dest); await wait(40); });
});

test('push, unshift, read', async () => {
  await same(async (lib, { tell }) => { const r = new lib.Readable({ read() {} }); r.on('error', error => tell(error)); tell(r.push('abc'), r.push(new Uint8Array([100])), r.unshift('00'), r.readableLength); tell(r.read(3), r.read(100), r.read(0), r.read('2'), r.read(-1), r.read(), r.read()); r.push(null); tell(r.push('late')); await wait(12); });
  for (const odd of [5, true, {}, undefined, Symbol('s')]) await same(async (lib, { tell }) => { const r = new lib.Readable({ read() {} }); r.on('error', error => tell(error)); r.on('data', () => {}); tell(r.push(odd)); await wait(8); }, String(odd));
  await same(async (lib, { tell }) => { const r = new lib.Readable({ read() {} }); r.on('error', error => tell(error)); r.push('x'); r.push(null); r.resume(); await wait(12); tell(r.unshift('y')); await wait(8); });
  await same(async (lib, { tell }) => { const r = new lib.Readable({ read() {}, encoding: 'hex' }); r.push('AB'); r.push('4142', 'hex'); r.unshift('CD'); tell(r.read(3), r.read(), r.readableEncoding); r.setEncoding('utf8'); r.push('ü'); tell(r.read()); });
  await same(async (lib, { tell }) => { const r = new lib.Readable({ read() {} }); r.push(Buffer.from([0xe2, 0x82])); r.push(Buffer.from([0xac])); r.setEncoding('utf8'); tell(r.read(), r.readableLength); });
  await same(async (lib, { tell }) => { let asked = 0; const r = new lib.Readable({ highWaterMark: 5, read(size) { tell('asked', size); if (asked++ < 3) this.push('1234567'); else this.push(null); } }); tell(r.read(3), r.read(30), r.readableHighWaterMark); r.on('readable', () => tell('readable', r.read(2))); await wait(20); tell(r.read(), r.readableEnded); });
  const { below, bytes, pick } = random(5);
  for (let round = 0; round < 120; round++) {
    const pieces = Array.from({ length: 1 + below(8) }, () => Buffer.from(bytes(1 + below(30))));
    const mark = 1 + below(40);
    const steps = Array.from({ length: 20 }, () => pick([undefined, 1, 2, 7, 30, 0]));
    const isSlow = round % 3 === 0;
    await same(async (lib, { tell }) => {
      let next = 0;
      let step = 0;
      const push = r => r.push(next < pieces.length ? pieces[next++] : null);
      const r = new lib.Readable({ highWaterMark: mark, encoding: round % 4 === 0 ? 'hex' : undefined, read() { if (isSlow) setImmediate(() => push(this)); else push(this); } });
      r.on('end', () => tell('end'));
      await new Promise(resolve => {
        r.on('close', resolve);
        r.on('readable', () => { for (let piece = r.read(steps[step++ % steps.length]), n = 0; n < 10; piece = r.read(steps[step++ % steps.length]), n++) tell(piece, r.readableLength); });
        const unstick = () => { if (!r.destroyed) { r.read(); later(unstick, 9); } };
        unstick();
      });
    }, `round ${round}`);
  }
});

test('pipeline', async () => {
  const sink = (lib, tell, slow = 0) => new lib.Writable({ objectMode: true, highWaterMark: 2, write(chunk, encoding, callback) { tell('out', chunk); if (slow) later(callback, slow); else callback(); } });
  const chains = [
    (lib, tell) => [lib.Readable.from([1, 2, 3]), sink(lib, tell)], (lib, tell) => [[1, 2, 3], sink(lib, tell, 1)], (lib, tell) => [async function* source() { yield 'a'; yield 'b'; }, sink(lib, tell)], (lib, tell) => [function* source() { yield 'a'; }, async function* twice(source) { for await (const piece of source) { yield piece; yield piece; } }, sink(lib, tell)], (lib, tell) => [lib.Readable.from('text'), async function last(source) { let all = ''; for await (const piece of source) all += piece; return all; }],
    (lib, tell) => [lib.Readable.from([1, 2]), async function* last(source) { for await (const piece of source) yield piece * 2; }], (lib, tell) => [lib.Readable.from([1, 2]), async function* broken(source) { for await (const piece of source) { yield piece; throw new Error('in the middle'); } }, sink(lib, tell)], (lib, tell) => [async function* broken() { yield 1; throw new Error('source'); }, sink(lib, tell)], (lib, tell) => [lib.Readable.from([1, 2, 3]), new lib.Writable({ objectMode: true, write(chunk, encoding, callback) { callback(new Error('sink')); } })],
    (lib, tell) => [lib.Readable.from(['x', 'y']), new lib.PassThrough({ objectMode: true }), new lib.Transform({ objectMode: true, transform(chunk, encoding, callback) { callback(null, chunk + chunk); } }), sink(lib, tell)], (lib, tell) => { const r = new lib.Readable({ read() {} }); later(() => r.destroy(), 2); return [r, sink(lib, tell)]; }, (lib, tell) => { const r = new lib.Readable({ read() {} }); later(() => r.destroy(new Error('gone')), 2); return [r, new lib.PassThrough(), sink(lib, tell)]; }, (lib, tell) => { const w = sink(lib, tell, 1); later(() => w.destroy(), 3); return [lib.Readable.from(Array.from({ length: 50 }, (_, i) => i)), w]; },
    (lib, tell) => [lib.Readable.from([1, 2]), new lib.PassThrough({ objectMode: true })], (lib, tell) => [lib.Readable.from([]), sink(lib, tell)], (lib, tell) => [lib.Readable.from(['a\nb', '\nc']), lineSplitter(lib), sink(lib, tell)], (lib, tell) => [{ async *[Symbol.asyncIterator]() { yield 1; } }, sink(lib, tell)], (lib, tell) => [lib.Readable.from([1]), async () => { throw new Error('promised'); }], (lib, tell) => [new Set([1, 2]), async source => { for await (const piece of source) tell(piece); }],
  ];
  for (const make of chains) {
    await same(async (lib, { tell }) => { const chain = make(lib, tell); await new Promise(resolve => { const last = lib.pipeline(...chain, (error, value) => { tell('callback', error, value); resolve(); }); last.on?.('data', piece => tell('left over', piece)); }); await wait(20); return chain.map(one => one.destroyed); }, make.toString());
    await same(async (lib, { tell }) => { const chain = make(lib, tell).slice(); if (typeof chain.at(-1) !== 'function') chain.at(-1).resume?.(); return lib.promises.pipeline(...chain); }, `promised ${make}`);
    await same(async (lib, { tell }) => { const chain = make(lib, tell); if (typeof chain.at(-1) !== 'function') chain.at(-1).resume?.(); const abort = new lib.AbortController(); abort.abort(); return lib.promises.pipeline(...chain, { signal: abort.signal }); }, `aborted ${make}`);
    await same(async (lib, { tell }) => { const chain = make(lib, tell); if (typeof chain.at(-1) !== 'function') chain.at(-1).resume?.(); const abort = new lib.AbortController(); later(() => abort.abort('reason')); return lib.promises.pipeline(...chain, { signal: abort.signal }); }, `aborted on the way ${make}`);
  }
  await same(async (lib, { tell }) => { const w = sink(lib, tell); await lib.promises.pipeline(lib.Readable.from([1]), w, { end: false }); w.write(2); w.end(); });
  const wrong = [lib => lib.pipeline(), lib => lib.pipeline(() => {}), lib => lib.pipeline(new lib.Readable(), () => {}), lib => lib.pipeline(() => 5, new lib.Writable(), () => {}), lib => lib.pipeline(() => null, new lib.Writable(), () => {}), lib => lib.pipeline(new lib.Readable({ read() {} }), () => 5, () => {}), lib => lib.pipeline(new lib.Readable({ read() {} }), () => 5, new lib.Writable(), () => {}), lib => lib.pipeline(5, new lib.Writable(), () => {}), lib => lib.promises.pipeline(new lib.Readable()), lib => lib.pipeline(new lib.Readable(), new lib.Writable(), 5), lib => lib.pipeline([new lib.Readable()], () => {})];
  for (const one of wrong) await call(one.toString(), lib => { const made = one(lib); return made?.then ? made : typeof made; });
});

function lineSplitter(lib) {
  let rest = '';
  return new lib.Transform({
    readableObjectMode: true,
    transform(chunk, encoding, callback) { const lines = (rest + chunk).split('\n'); rest = lines.pop(); for (const line of lines) this.push({ line }); callback(); },
    flush(callback) { if (rest) this.push({ line: rest }); callback(); },
  });
}

test('finished', async () => {
  await same(async (lib, { tell }) => { const r = lib.Readable.from(['a']); const release = lib.finished(r, error => tell('never', error)); release(); r.resume(); await wait(20); });
  await same(async (lib, { tell }) => { const r = lib.Readable.from(['a']); r.resume(); await wait(20); lib.finished(r, error => tell('late', error)); await wait(12); });
  await same(async (lib, { tell }) => { const r = new lib.Readable({ read() {} }); r.on('error', () => {}); r.destroy(new Error('before')); await wait(12); lib.finished(r, error => tell('late', error)); await wait(12); });
  await same(async (lib, { tell }) => { const w = new lib.Writable({ write(c, e, cb) { cb(); } }); w.end(); await wait(12); lib.finished(w, error => tell('late', error)); await wait(12); });
  await same(async (lib, { tell }) => { const r = new lib.Readable({ read() {} }); lib.finished(r, error => tell('closed', error)); r.destroy(); await wait(12); });
  await same(async (lib, { tell }) => { const r = new lib.Readable({ read() {} }); const abort = new lib.AbortController(); lib.finished(r, { signal: abort.signal }, error => tell(error.name, error.code, error.message)); abort.abort(); await wait(12); return r.destroyed; });
  await same(async (lib, { tell }) => { const r = new lib.Readable({ read() {} }); lib.finished(r, { error: false }, error => tell('done', error)); r.on('error', error => tell('event', error)); r.destroy(new Error('x')); await wait(12); });
  await same(async lib => { const r = lib.Readable.from(['a']); r.resume(); return lib.promises.finished(r); });
  await same(async lib => { const r = new lib.Readable({ read() {} }); later(() => r.destroy(new Error('bad')), 1); return lib.promises.finished(r, { cleanup: true }); });
  await same(async (lib, { tell }) => { const old = new lib.Stream(); old.writable = true; old.readable = false; old.write = () => true; lib.finished(old, error => tell('old', error)); old.writable = false; old.emit('end'); old.emit('close'); await wait(8); });
  const wrong = [lib => lib.finished(5, () => {}), lib => lib.finished(new lib.Readable()), lib => lib.finished(new lib.Readable(), 5, () => {}), lib => lib.finished(new lib.Readable(), {}, 5), lib => lib.finished(new lib.Readable(), { signal: 5 }, () => {}), lib => lib.promises.finished(new lib.Readable(), { cleanup: 5 }), lib => lib.addAbortSignal(5, new lib.Readable()), lib => lib.addAbortSignal(new lib.AbortController().signal, 5)];
  for (const one of wrong) await call(one.toString(), lib => one(lib));
});

test('from, operators', async () => {
  const from = lib => lib.Readable.from([1, 2, 3, 4, 5]);
  const programs = [
    lib => from(lib).map(x => x * 2).toArray(), lib => from(lib).map(async x => x + 1, { concurrency: 3 }).toArray(), lib => from(lib).filter(x => x % 2).toArray(), lib => from(lib).flatMap(x => [x, x]).toArray(), lib => from(lib).take(2).toArray(), lib => from(lib).drop(3).toArray(), lib => from(lib).take(0).toArray(), lib => from(lib).drop(9).toArray(), lib => from(lib).reduce((sum, x) => sum + x), lib => from(lib).reduce((sum, x) => sum + x, 100), lib => from(lib).some(x => x > 4), lib => from(lib).every(x => x > 0), lib => from(lib).every(x => x > 1), lib => from(lib).find(x => x > 2), lib => from(lib).find(x => x > 9), lib => from(lib).asIndexedPairs().toArray(),
    async lib => { const seen = []; await from(lib).forEach(x => { seen.push(x); }); return seen; }, lib => from(lib).map(() => { throw new Error('mapper'); }).toArray(), lib => from(lib).filter(async x => x > 3).map(x => `${x}`).take(1).toArray(), lib => lib.Readable.from([]).reduce((a, b) => a + b), lib => lib.Readable.from([]).reduce((a, b) => a + b, 'start'), lib => lib.Readable.from([]).toArray(), lib => from(lib).map(5), lib => from(lib).take(-1), lib => from(lib).take('x').toArray(), lib => from(lib).map(x => x, { concurrency: 0 }), lib => from(lib).map(x => x, 5), lib => from(lib).toArray(5), lib => from(lib).forEach(5), lib => from(lib).reduce(5), lib => from(lib).some(5), lib => from(lib).map(x => x, { signal: 5 }),
    lib => from(lib).toArray({ signal: (() => { const abort = new lib.AbortController(); abort.abort(); return abort.signal; })() }), lib => lib.Readable.from(5), lib => lib.Readable.from(), lib => lib.Readable.from('text').toArray(), lib => lib.Readable.from(lib.Buffer.from('bytes')).toArray(), lib => lib.Readable.from([Promise.resolve(1), 2]).toArray(), lib => lib.Readable.from([null]).toArray(), lib => lib.Readable.from(new Map([[1, 2]])).toArray(), lib => [lib.Readable.from(['a']).readableObjectMode, lib.Readable.from(['a'], { objectMode: false }).readableObjectMode, lib.Readable.from(['a']).readableHighWaterMark],
    async (lib, { tell }) => { const r = lib.Readable.from((function* () { try { yield 1; yield 2; } finally { tell('cleaned'); } })()); for await (const piece of r) { tell(piece); break; } await wait(12); return r.destroyed; }, async (lib, { tell }) => { const r = lib.Readable.from((async function* () { try { yield 1; yield 2; } catch (error) { tell('thrown in', error); } })()); r.once('data', () => r.destroy(new Error('outside'))); r.on('error', error => tell('error', error)); await wait(20); },
    lib => lib.Duplex.from((async function* () { yield 'a'; yield 'b'; })()).toArray(), lib => lib.Duplex.from({ readable: lib.Readable.from(['x']), writable: new lib.PassThrough() }).toArray(), lib => lib.Duplex.from(5), lib => lib.Duplex.from(Promise.resolve('p')).toArray(),
  ];
  for (const program of programs) await same(program);
});

test('abort signals', async () => {
  await same(async (lib, { tell, follow }) => { const abort = new lib.AbortController(); const r = follow(new lib.Readable({ read() {}, signal: abort.signal }), 'r', EVENTS.filter(name => name !== 'close')); r.on('error', error => tell(error.name, error.code, error.message, error.cause?.name)); abort.abort(); await wait(12); return r.destroyed; });
  await same(async (lib, { tell }) => { const abort = new lib.AbortController(); const w = lib.addAbortSignal(abort.signal, new lib.Writable({ write() {} })); w.on('error', error => tell(error.name, error.cause)); abort.abort('why'); await wait(12); });
  await same(async (lib, { tell }) => { const abort = new lib.AbortController(); abort.abort(); const d = new lib.PassThrough({ signal: abort.signal }); d.on('error', error => tell(error.name)); await wait(12); return d.destroyed; });
});

test('construct and destroy', async () => {
  await same(async (lib, { tell, follow }) => { const r = follow(new lib.Readable({ construct(callback) { tell('construct'); later(callback, 3); }, read() { tell('read'); this.push('x'); this.push(null); }, destroy(error, callback) { tell('destroy', error); later(callback); } }), 'r', ['readable']); await wait(40); return r.closed; });
  await same(async (lib, { tell, follow }) => { const r = follow(new lib.Readable({ construct(callback) { later(callback, 3); }, read() {} }), 'r', ['readable']); r.destroy(new Error('early'), error => tell('callback', error)); tell(r.destroyed, r.closed); await wait(40); });
  await same(async (lib, { tell, follow }) => { const r = follow(new lib.Readable({ read() {}, destroy() { throw new Error('in destroy'); } }), 'r', ['readable']); r.destroy(); await wait(20); return plain(r.errored); });
  await same(async (lib, { tell, follow }) => { const r = follow(new lib.Readable({ read() {}, destroy(error, callback) { callback(new Error('replaced')); } }), 'r', ['readable']); r.destroy(new Error('first')); await wait(20); return plain(r.errored); });
  await same(async (lib, { follow }) => { const r = follow(new lib.Readable({ construct(callback) { callback(); callback(); }, read() {} }), 'r', ['readable']); await wait(20); return r.destroyed; });
  await same(async (lib, { follow }) => { const d = follow(new lib.Duplex({ construct() { throw new Error('thrown'); }, read() {}, write() {} }), 'd', ['readable']); await wait(20); return d.destroyed; });
  await same(lib => { const r = new lib.Readable({ read() {} }); lib.destroy(r, new Error('x')); r.on('error', () => {}); return [r.destroyed, lib.isReadable(r), lib.isErrored(r), lib.isDisturbed(r), lib.isWritable(new lib.Writable()), lib.isDestroyed(r), lib.isReadable({}), lib.isErrored({})]; });
  for (const make of [lib => new lib.Readable({ highWaterMark: -1 }), lib => new lib.Duplex({ readableHighWaterMark: 'x' }), lib => new lib.Duplex({ highWaterMark: 1.5 }), lib => new lib.Writable({ highWaterMark: NaN }), lib => lib.setDefaultHighWaterMark(false, 1.5), lib => lib.setDefaultHighWaterMark(false, -1), lib => [lib.getDefaultHighWaterMark(true), lib.getDefaultHighWaterMark(false)], lib => new lib.Writable({ defaultEncoding: 'nope' }), lib => new lib.Readable().iterator(5), lib => { const r = lib.Readable(); const w = lib.Writable(); const d = lib.Duplex(); const t = lib.Transform(); const p = lib.PassThrough(); return [r, w, d, t, p].map(one => one.constructor.name); }]) await call(make.toString(), make);
});

const documents = async (lib, { tell }) => {
  const cursor = lib.Readable.from((async function* documents() { for (let i = 0; i < 100; i++) yield { _id: i, name: `n${i}` }; })());
    const batches = [];
    let batch = [];
    await lib.promises.pipeline(
      cursor,
      new lib.Transform({ objectMode: true, async transform(document, encoding, callback) { if (document._id % 10 === 0) await wait(1); callback(null, { ...document, name: document.name.toUpperCase() }); } }),
      new lib.Writable({ objectMode: true, write(document, encoding, callback) { batch.push(document._id); if (batch.length === 30) { batches.push(batch); batch = []; } callback(); }, final(callback) { batches.push(batch); callback(); } }),
    );
    tell(batches);
};

test('a stream of documents', () => same(documents));

test('without ticks of the host', async () => {
  const expected = await run(theirs, documents);
  useHost({});
  try {
    assert.deepEqual(await run(ours, documents), expected);
    const pieces = [];
    let n = 0;
    for await (const piece of new stream.Readable({ read() { this.push(n < 5 ? `piece ${n++}` : null); } })) pieces.push(String(piece));
    assert.deepEqual(pieces.join(''), 'piece 0piece 1piece 2piece 3piece 4');
    const left = stream.Readable.from([1, 2, 3]);
    for await (const piece of left) { assert.equal(piece, 1); break; }
    assert.equal(left.destroyed, true);
    await assert.rejects(promises.pipeline(stream.Readable.from([1]), new stream.Writable({ objectMode: true, write(c, e, callback) { callback(new Error('no')); } })), { message: 'no' });
  } finally {
    useHost({ nextTick: callback => process.nextTick(callback) });
  }
});

test('what the module is', () => {
  const absent = new Set(['compose', 'duplexPair']);
  for (const name of Object.keys(nodeStream)) if (!absent.has(name)) assert.equal(typeof stream[name], typeof nodeStream[name], name);
  assert.equal(typeof stream, 'function');
  assert.equal(stream.promises, promises);
  const missing = { Readable: ['_undestroy', 'compose'], Writable: ['_undestroy'], Transform: [], Duplex: [], PassThrough: [] };
  for (const [name, but] of Object.entries(missing)) for (const member of Object.getOwnPropertyNames(nodeStream[name].prototype)) if (!but.includes(member)) assert.ok(member in stream[name].prototype, `${name}.prototype.${member}`);
});

test('timers', async () => {
  for (const name of Object.keys(nodeTimers)) if (/^(set|clear)/.test(name)) assert.equal(typeof timers[name], 'function', name);
  await new Promise(resolve => { timers.setTimeout(resolve, 1); });
  timers.clearTimeout(timers.setTimeout(() => assert.fail('cleared'), 1));
  const programs = [
    t => t.setTimeout(1, 'value'), t => t.setTimeout(1), t => t.setImmediate('now'), t => t.scheduler.wait(1), async t => { const seen = []; for await (const value of t.setInterval(1, 'tick')) { seen.push(value); if (seen.length === 3) break; } return seen; }, t => t.setTimeout(1, 'x', 5), t => t.setTimeout(1, 'x', { signal: 5 }), t => t.setTimeout(1, 'x', { ref: 5 }), t => t.setImmediate('x', 5),
    t => { const abort = new globalThis.AbortController(); setTimeout(() => abort.abort('reason'), 2); return t.setTimeout(1000, 'x', { signal: abort.signal }); }, t => { const abort = new globalThis.AbortController(); abort.abort(); return t.setTimeout(1, 'x', { signal: abort.signal }); }, async t => { const abort = new globalThis.AbortController(); setTimeout(() => abort.abort(), 5); for await (const value of t.setInterval(1, 'x', { signal: abort.signal })) assert.equal(value, 'x'); },
  ];
  for (const program of programs) {
    const settle = async lib => { try { return { value: await program(lib) }; } catch (error) { return { name: error.name, code: error.code, message: error.message, cause: error.cause }; } };
    const [a, b] = [await settle(timersPromises), await settle(nodeTimersPromises)];
    assert.deepEqual(plain(a), plain(b), program.toString());
  }
});

'use strict';
// Whether operations may be sent. A thread of its own asks Whimbrel how long the lease still holds, counted from
// before it asked, and ends the process when nobody renews it; so a migration that blocks this thread for ever ends
// as well. What the thread knows stands in shared memory.

const { Worker } = require('worker_threads');

const PIPE = 7;
/** How often the thread asks. */
const EVERY = 150;

// State: [0] the gate is closed. Deadlines: [0] on the monotonic clock in ns, [1] on the wall clock in ms.
const state = new Int32Array(new SharedArrayBuffer(4));
const deadlines = new BigInt64Array(new SharedArrayBuffer(16));

let worker;
let wanted = 0;
const waiting = new Map();

function start(source) {
  const workerData = { pipe: PIPE, every: EVERY, state, deadlines };
  worker = new Worker(source, { eval: true, workerData, stdin: false });
  worker.unref();
  worker.on('error', () => process.reallyExit(70));
  worker.on('message', number => {
    waiting.get(number)?.();
    waiting.delete(number);
  });
}

/** Awaits an answer to a question that is asked from now on. */
function fresh() {
  wanted += 1;
  const number = wanted;
  return new Promise(resolve => {
    waiting.set(number, resolve);
    worker.postMessage(number);
  });
}

/** `open`, `closed`, or `ask`: the clocks disagree, so only a new answer tells. */
function check() {
  if (Atomics.load(state, 0) !== 0) return 'closed';
  if (process.hrtime.bigint() >= Atomics.load(deadlines, 0)) return 'closed';
  return BigInt(Date.now()) >= Atomics.load(deadlines, 1) ? 'ask' : 'open';
}

/** Closes the gate for good: whoever is stopped is replaced. */
const shut = () => Atomics.store(state, 0, 1);

module.exports = { check, fresh, shut, start, stop: () => worker.terminate() };

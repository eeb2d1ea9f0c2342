'use strict';
// The watchdog's thread. It talks to Whimbrel over a socket of its own, in lines: `ask N` and `N MILLISECONDS`, where
// the milliseconds are what is left of the lease; `close` closes the gate at once.

const net = require('net');
const { parentPort, workerData } = require('worker_threads');

const { pipe, every, state, deadlines } = workerData;
const now = () => process.hrtime.bigint();

/** Ends the process and those it started, whatever its main thread is doing. */
function die() {
  try {
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    process.kill(process.pid, 'SIGKILL');
  }
}

const socket = new net.Socket({ fd: pipe, readable: true, writable: true });
socket.setEncoding('utf8');
socket.on('error', die);
socket.on('end', die);

const asked = new Map();
let count = 0;
let deadline = now() + 60_000_000_000n;

/** `wanted` is the number under which the main thread waits for the answer. */
function ask(wanted) {
  if (now() >= deadline) die();
  count += 1;
  asked.set(count, { at: now(), wall: Date.now(), wanted });
  // Answers come in order; a question this old is not answered any more.
  asked.delete(count - 1000);
  socket.write(`ask ${count}\n`);
}

let rest = '';
socket.on('data', text => {
  const lines = (rest + text).split('\n');
  rest = lines.pop();
  for (const line of lines) {
    if (line === 'close') {
      Atomics.store(state, 0, 1);
      continue;
    }
    const [number, left] = line.split(' ').map(Number);
    const question = asked.get(number);
    if (!question) continue;
    asked.delete(number);
    deadline = question.at + BigInt(left) * 1_000_000n;
    Atomics.store(deadlines, 0, deadline);
    Atomics.store(deadlines, 1, BigInt(question.wall + left));
    if (question.wanted !== undefined) parentPort.postMessage(question.wanted);
  }
});

parentPort.on('message', ask);
ask();
setInterval(() => ask(), every);

// `nextTick` for the streams: runs functions after the current code, before timers.
//
// In Node.js a tick comes when all promise reactions are through. Only the host can tell when that is: with
// `host.nextTick` ticks are its business. Without it they come a few microtasks later, so that a loop which
// awaits the pieces of a stream has its turn first, as it would have there.

import { host } from '../host.js';

// What an async generator needs to hand over a value, and a little more.
const HOPS = 5;

let waiting = [];
let isScheduled = false;

export function nextTick(callback, ...args) {
  if (typeof host.nextTick === 'function') {
    host.nextTick(() => callback(...args));
    return;
  }
  waiting.push(callback, args);
  if (isScheduled) return;
  isScheduled = true;
  hop(HOPS);
}

function hop(left) {
  queueMicrotask(left > 1 ? () => hop(left - 1) : runTicks);
}

function runTicks() {
  const ticks = waiting;
  waiting = [];
  isScheduled = false;
  let done = 0;
  try {
    while (done < ticks.length) {
      done += 2;
      ticks[done - 2](...ticks[done - 1]);
    }
  } finally {
    // One that throws does not take the others with it.
    if (done < ticks.length) {
      waiting = [...ticks.slice(done), ...waiting];
      if (!isScheduled) hop(1);
      isScheduled = true;
    }
  }
}

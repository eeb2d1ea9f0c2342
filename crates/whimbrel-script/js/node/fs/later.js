// When the asynchronous forms answer: the work itself is done at the call, its outcome told later.
//
// Mostly that is a few microtasks later. Long work in many pieces (a large file through a stream) lets
// the timers run in between, so that they are not starved.

const TURN = 20;
let turnBegan = 0;

export function later(callback, ...args) {
  if (Date.now() - turnBegan > TURN) {
    setTimeout(() => {
      turnBegan = Date.now();
      callback(...args);
    }, 0);
  } else {
    queueMicrotask(() => queueMicrotask(() => callback(...args)));
  }
}

export const told = work => new Promise((resolve, reject) => {
  try {
    const value = work();
    later(resolve, value);
  } catch (error) {
    later(reject, error);
  }
});

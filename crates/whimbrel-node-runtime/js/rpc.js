'use strict';
// Questions to Whimbrel that need an answer at once: which file an import means, what a file's JavaScript is. Both
// threads that load modules ask over the same two pipes, one at a time.

module.exports = function makeRpc(fs, lock) {
  const ASK = 5;
  const ANSWER = 6;

  function read(length) {
    const bytes = Buffer.alloc(length);
    for (let at = 0; at < length;) {
      const count = fs.readSync(ANSWER, bytes, at, length - at, null);
      if (count === 0) process.reallyExit(70);
      at += count;
    }
    return bytes;
  }

  return function ask(question) {
    while (Atomics.compareExchange(lock, 0, 0, 1) !== 0) Atomics.wait(lock, 0, 1, 10);
    try {
      const text = Buffer.from(JSON.stringify(question), 'utf8');
      const start = Buffer.alloc(8);
      start.writeUInt32LE(4 + text.length, 0);
      start.writeUInt32LE(text.length, 4);
      const bytes = Buffer.concat([start, text]);
      for (let at = 0; at < bytes.length;) at += fs.writeSync(ASK, bytes, at, bytes.length - at);
      const frame = read(read(4).readUInt32LE(0));
      const length = frame.readUInt32LE(0);
      return { ...JSON.parse(frame.toString('utf8', 4, 4 + length)), text: frame.toString('utf8', 4 + length) };
    } finally {
      Atomics.store(lock, 0, 0);
      Atomics.notify(lock, 0);
    }
  };
};

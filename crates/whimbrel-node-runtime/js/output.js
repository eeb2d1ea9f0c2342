'use strict';
// What a migration prints goes to Whimbrel as lines with a level, in order with everything else.

const { Console } = require('console');
const { Writable } = require('stream');
const { send } = require('./channel.js');

const LEVELS = {
  debug: 'debug',
  log: 'info', info: 'info', dir: 'info', dirxml: 'info', table: 'info', group: 'info', groupCollapsed: 'info', groupEnd: 'info',
  count: 'info', countReset: 'info', time: 'info', timeEnd: 'info', timeLog: 'info',
  warn: 'warn', trace: 'error', error: 'error', assert: 'error',
};

/** Which stream a level belongs to. */
const STREAMS = { debug: 'info', info: 'info', warn: 'error', error: 'error' };
const unfinished = { info: '', error: '' };

/** A line as a terminal shows it in the end: what was written over is gone. */
const shown = text => text.split('\n').map(line => line.replace(/\r$/, '').replace(/^[^]*\r/, '')).join('\n');

/** The longest text that is sent in one piece. */
const LONGEST = 1 << 20;

const say = (level, text) => send({ type: 'output', level, text: text.length > LONGEST ? `${text.slice(0, LONGEST)}… (${text.length} characters)` : text });

function redirectConsole() {
  let level = 'info';
  const sink = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      const text = String(chunk);
      // What was written before without a line end stands on the same line.
      const stream = STREAMS[level];
      const line = unfinished[stream] + (text.endsWith('\n') ? text.slice(0, -1) : text);
      unfinished[stream] = '';
      say(level, shown(line));
      done();
    },
  });
  const own = new Console({ stdout: sink, stderr: sink, colorMode: false });
  for (const [name, its] of Object.entries(LEVELS)) {
    console[name] = (...args) => {
      const before = level;
      level = its;
      try {
        return own[name](...args);
      } finally {
        level = before;
      }
    };
  }
}


/** Text without a line end waits for it. */
function redirectStream(stream, level) {
  stream.write = (chunk, encoding, done) => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    const lines = (unfinished[level] + text).split('\n');
    unfinished[level] = lines.pop();
    for (const line of lines) say(level, shown(line));
    const callback = typeof encoding === 'function' ? encoding : done;
    if (callback) process.nextTick(callback);
    return true;
  };
}

/** Tells what was written without a line end. */
function flush() {
  for (const level of Object.keys(unfinished)) {
    if (unfinished[level] !== '') say(level, shown(unfinished[level]));
    unfinished[level] = '';
  }
}

function redirect() {
  redirectConsole();
  redirectStream(process.stdout, 'info');
  redirectStream(process.stderr, 'error');
}

module.exports = { flush, redirect, say };

'use strict';
// Messages to and from Whimbrel, over pipes of their own. A message is a length (uint32, little endian), the length
// of its head (the same), the head as JSON, and bytes for what JSON cannot carry, such as BSON.

const fs = require('fs');
const net = require('net');

const TO_CHILD = 3;
const FROM_CHILD = 4;

/** Writes all of it, waiting while the pipe is full: so a flood is slowed down, and nothing is lost by an exit. */
function writeAll(fd, bytes) {
  for (let at = 0; at < bytes.length;) {
    try {
      at += fs.writeSync(fd, bytes, at, bytes.length - at);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

function encode(head, blob) {
  const text = Buffer.from(JSON.stringify(head), 'utf8');
  const rest = blob ?? Buffer.alloc(0);
  const start = Buffer.alloc(8);
  start.writeUInt32LE(4 + text.length + rest.length, 0);
  start.writeUInt32LE(text.length, 4);
  return Buffer.concat([start, text, rest]);
}

function decode(frame) {
  const length = frame.readUInt32LE(0);
  const head = JSON.parse(frame.toString('utf8', 4, 4 + length));
  return { head, blob: frame.subarray(4 + length) };
}

/** Sends a message; `blob` is a Buffer. */
function send(head, blob) {
  const message = encode(head, blob);
  try {
    writeAll(FROM_CHILD, message);
  } catch {
    // Whimbrel is gone: nobody may go on in its name.
    process.reallyExit(70);
  }
}

let socket;

/** Hears messages until `close`; without Whimbrel at the other end the process ends. */
function listen(hear) {
  socket = new net.Socket({ fd: TO_CHILD, readable: true, writable: false });
  let pending = Buffer.alloc(0);
  socket.on('data', chunk => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.length >= 4) {
      const length = pending.readUInt32LE(0);
      if (pending.length < 4 + length) break;
      const frame = pending.subarray(4, 4 + length);
      pending = pending.subarray(4 + length);
      const { head, blob } = decode(frame);
      hear(head, blob);
    }
  });
  const lost = () => process.reallyExit(70);
  socket.on('error', lost);
  socket.on('end', lost);
}

function close() {
  socket.removeAllListeners('end');
  socket.removeAllListeners('error');
  socket.on('error', () => {});
  socket.destroy();
}

module.exports = { close, listen, send };

'use strict';
// Which native part this Node.js needs.

const fs = require('node:fs');

/** The platforms there are packages for; what follows the system and the processor is the C library or the ABI. */
const PLATFORMS = ['darwin-arm64', 'darwin-x64', 'linux-arm64-gnu', 'linux-arm64-musl', 'linux-x64-gnu', 'linux-x64-musl', 'win32-x64-msvc'];

/** Whether this Node.js runs on musl, as in Alpine Linux. */
function isMusl() {
  const { header } = process.report?.getReport?.() ?? {};
  if (header) return header.glibcVersionRuntime === undefined;
  try {
    return fs.readFileSync('/usr/bin/ldd', 'utf8').includes('musl');
  } catch {
    return false;
  }
}

function platform() {
  const { arch, platform: system } = process;
  if (system === 'linux') return `linux-${arch}-${isMusl() ? 'musl' : 'gnu'}`;
  return system === 'win32' ? `win32-${arch}-msvc` : `${system}-${arch}`;
}

module.exports = { PLATFORMS, platform };

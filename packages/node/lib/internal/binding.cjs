'use strict';
// Finds the native part: one package for each platform, which npm installs as an optional dependency.

const fs = require('node:fs');
const path = require('node:path');
const { WhimbrelError } = require('./errors.cjs');

/** The platforms there are packages for; what follows the system and the processor is the C library or the ABI. */
const PLATFORMS = ['darwin-arm64', 'darwin-x64', 'linux-arm64-gnu', 'linux-arm64-musl', 'linux-x64-gnu', 'linux-x64-musl', 'win32-x64-msvc'];

/** Whether this Node.js runs on musl, as in Alpine Linux. */
function isMusl() {
  const { header } = process.report?.getReport?.() ?? {};
  if (header?.glibcVersionRuntime) return false;
  try {
    return fs.readFileSync('/usr/bin/ldd', 'utf8').includes('musl') || !header;
  } catch {
    return header !== undefined;
  }
}

function platform() {
  const { arch, platform: system } = process;
  if (system === 'linux') return `linux-${arch}-${isMusl() ? 'musl' : 'gnu'}`;
  return system === 'win32' ? `win32-${arch}-msvc` : `${system}-${arch}`;
}

/** The native part of a checkout, where it was built beside the package. */
function built(name) {
  const file = path.join(__dirname, '..', '..', `whimbrel.${name}.node`);
  return fs.existsSync(file) ? file : undefined;
}

function load() {
  const name = platform();
  const own = process.env.WHIMBREL_NATIVE_PATH || built(name);
  if (own) return loadFile(own, `the native part at ${own}`, 'build it anew, or take WHIMBREL_NATIVE_PATH out of the environment');
  const wanted = `@whimbrel/binding-${name}`;
  if (!PLATFORMS.includes(name)) {
    throw new WhimbrelError(`there is no native part of whimbrel for this platform, ${name}`, {
      code: 'NATIVE_PLATFORM',
      hints: [`there are packages for ${PLATFORMS.join(', ')}; migrations can also be run with the whimbrel program, or in a container of one of these platforms`],
    });
  }
  let file;
  try {
    file = require.resolve(wanted);
  } catch (cause) {
    throw new WhimbrelError(`the native part of whimbrel for this platform is not installed: the package ${wanted}`, { code: 'NATIVE_MISSING', cause, hints: missing(wanted) });
  }
  return loadFile(file, `the native part of whimbrel, ${wanted},`, `install it anew: npm install --force ${wanted}@${version()}`);
}

const version = () => require('../../package.json').version;

/** npm leaves optional dependencies out when it is told to, and keeps the lock file of another platform. */
function missing(wanted) {
  const hints = [`npm install ${wanted}@${version()} installs it; with --omit=optional (or --no-optional) npm leaves it out`];
  const others = PLATFORMS.filter(name => {
    try {
      require.resolve(`@whimbrel/binding-${name}`);
      return true;
    } catch {
      return false;
    }
  });
  if (others.length > 0) hints.push(`there is one for ${others.join(', ')}: node_modules come from another machine or image; run npm ci where they are used`);
  return hints;
}

function loadFile(file, what, hint) {
  let native;
  try {
    native = require(file);
  } catch (cause) {
    throw new WhimbrelError(`${what} cannot be loaded: ${cause.message}`, { code: 'NATIVE_BROKEN', cause, hints: [hint] });
  }
  if (typeof native?.NativeMigrator !== 'function') {
    throw new WhimbrelError(`${what} is none, or of another version`, { code: 'NATIVE_BROKEN', hints: [hint] });
  }
  return native;
}

module.exports = load();

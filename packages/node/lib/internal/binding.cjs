'use strict';
// Finds the native part: one package for each platform, which npm installs as an optional dependency.

const fs = require('node:fs');
const path = require('node:path');
const { WhimbrelError } = require('./errors.cjs');
const { PLATFORMS, platform } = require('./platform.cjs');

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

'use strict';
// JavaScript that the engine has for its own runtimes, as CommonJS.

const binding = require('../binding.cjs');

function evaluate(text) {
  const module = { exports: {} };
  // It is the add-on's own, and needs nothing but what Node.js has.
  new Function('module', 'exports', 'require', text)(module, module.exports, require);
  return module.exports;
}

const texts = binding.sharedScripts();

module.exports = { ...evaluate(texts.describe), ...evaluate(texts.methods) };

'use strict';
// Which migration of this process code belongs to, across everything that is awaited.

const { AsyncLocalStorage } = require('node:async_hooks');

/** Of the migration under way: `{ run, owner }`. */
const current = new AsyncLocalStorage();

module.exports = { current };

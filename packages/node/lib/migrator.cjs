'use strict';

const whimbrel = require('./index.cjs');

module.exports = Object.assign(whimbrel.Migrator, { default: whimbrel.Migrator }, whimbrel);

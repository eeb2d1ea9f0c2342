'use strict';

const whimbrel = require('./index.cjs');

module.exports = Object.assign(whimbrel.AutoMigrator, { default: whimbrel.AutoMigrator }, whimbrel);

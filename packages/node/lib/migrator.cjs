'use strict';

const { AutoMigrator, Migrator, WhimbrelError } = require('./index.cjs');

module.exports = Object.assign(Migrator, { default: Migrator, AutoMigrator, Migrator, WhimbrelError });

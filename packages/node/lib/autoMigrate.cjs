'use strict';

const { AutoMigrator, Migrator, WhimbrelError } = require('./index.cjs');

module.exports = Object.assign(AutoMigrator, { default: AutoMigrator, AutoMigrator, Migrator, WhimbrelError });

'use strict';

const { AutoMigrator } = require('./internal/autoMigrator.cjs');
const { WhimbrelError } = require('./internal/errors.cjs');
const { log, progress } = require('./internal/inside.cjs');
const { Migrator } = require('./internal/migrator.cjs');

module.exports = { AutoMigrator, Migrator, WhimbrelError, log, progress };

import whimbrel from './index.cjs';

export const { AutoMigrator, Migrator, WhimbrelError, log, progress } = whimbrel;

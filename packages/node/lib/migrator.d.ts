export { Migrator as default, AutoMigrator, Migrator, WhimbrelError } from './index.cjs';

export { AutoMigrator as default, AutoMigrator, Migrator, WhimbrelError } from './index.cjs';

import { AutoMigrator, Migrator, WhimbrelError } from './index.cjs';

declare const exported: typeof AutoMigrator & {
  default: typeof AutoMigrator;
  AutoMigrator: typeof AutoMigrator;
  Migrator: typeof Migrator;
  WhimbrelError: typeof WhimbrelError;
};
export = exported;

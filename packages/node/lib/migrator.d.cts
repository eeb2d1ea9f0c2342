import { AutoMigrator, Migrator, WhimbrelError } from './index.cjs';

declare const exported: typeof Migrator & {
  default: typeof Migrator;
  AutoMigrator: typeof AutoMigrator;
  Migrator: typeof Migrator;
  WhimbrelError: typeof WhimbrelError;
};
export = exported;

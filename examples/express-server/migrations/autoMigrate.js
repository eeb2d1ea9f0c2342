// Migrations at the start of this project's server: with its settings, wherever the process was started.
import { fileURLToPath } from 'node:url';
import { AutoMigrator as Base } from 'whimbrel';

const config = fileURLToPath(new URL('../whimbrel.toml', import.meta.url));

export default class AutoMigrator extends Base {
  constructor(options) {
    super({ config, ...options });
  }
}

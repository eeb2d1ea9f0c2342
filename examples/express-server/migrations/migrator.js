// The migrator of this project: with its settings, wherever the process was started.
import { fileURLToPath } from 'node:url';
import { Migrator as Base } from 'whimbrel';

const config = fileURLToPath(new URL('../whimbrel.toml', import.meta.url));

export default class Migrator extends Base {
  constructor(options) {
    super({ config, ...options });
  }
}

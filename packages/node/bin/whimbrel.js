#!/usr/bin/env node
// The command line, out of the same add-on as everything else: the same flags, output and exit codes as the program.

import { createRequire } from 'node:module';

// Node.js ends at these signals by handlers of its own, and the command line calls what was there before it. Who
// listens and stops listening leaves none.
for (const signal of ['SIGINT', 'SIGTERM']) {
  const nobody = () => {};
  process.on(signal, nobody);
  process.off(signal, nobody);
}

let code = 2;
try {
  const binding = createRequire(import.meta.url)('../lib/internal/binding.cjs');
  // There is nothing else in this process: it may wait for the command.
  code = binding.runCommandLine(['whimbrel', ...process.argv.slice(2)]);
} catch (error) {
  process.stderr.write(`${error.explain?.() ?? error.stack}\n`);
}
process.exit(code);

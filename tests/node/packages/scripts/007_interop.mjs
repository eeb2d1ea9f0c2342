// What ES modules and CommonJS see of each other.
import { createRequire } from 'node:module';
import path from 'path';
import cycle, { early } from '../lib/cycle_a.cjs';
import named, * as esm from '../lib/esm.mjs';
import data from '../lib/data.json' with { type: 'json' };

const require = createRequire(import.meta.url);

export async function up(db) {
  const lazily = await import('../lib/esm.mjs');
  let missing;
  try {
    await import('../lib/nothing.mjs');
  } catch (error) {
    missing = error.code;
  }
  let missingRequired;
  try {
    require('not-a-package');
  } catch (error) {
    missingRequired = error.code;
  }
  await db.collection('results').insertOne({
    _id: 'interop', early, cycle: { ...cycle, late: cycle.late() }, named: named(), same: lazily.default === named, file: esm.file,
    folder: esm.folder, text: esm.text, data, required: require('../lib/data.json').setting, base: path.basename(import.meta.filename ?? 'x.mjs').length > 0,
    missing, missingRequired, resolved: path.basename(require.resolve('../lib/cycle_a.cjs')), builtin: require('node:path') === path,
  });
}

// The cases, and the folder in which both sides find them.
//
// Whimbrel wants `VERSION_name.js` alone in a folder, so `cases/AREA/NAME.js` becomes
// `PROJECT/cases/AREA.NAME/001_NAME.js`: as deep as before, so relative imports stay right. Node.js runs the
// same copy, so that `__filename`, `import.meta.url` and `process.cwd()` agree as well.

import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { seedsOf } from '../../fidelity/seed.js';

const here = import.meta.dirname;
export const fidelity = path.resolve(here, '../../fidelity');

/** Every case as `{ area, name, id, text, seeds, database, folder, file }`, made ready below a new folder. */
export function prepare() {
  const project = mkdtempSync(path.join(tmpdir(), 'whimbrel-fidelity-project-'));
  writeFileSync(path.join(project, 'package.json'), '{ "private": true }\n');
  symlinkSync(path.resolve(here, '../node_modules'), path.join(project, 'node_modules'), 'junction');
  cpSync(path.join(fidelity, 'support'), path.join(project, 'support'), { recursive: true });
  const cases = [];
  const all = path.join(fidelity, 'cases');
  for (const area of readdirSync(all).sort()) {
    for (const file of readdirSync(path.join(all, area)).sort()) {
      const { name, ext } = path.parse(file);
      const id = `${area}/${name}`;
      const text = readFileSync(path.join(all, area, file), 'utf8');
      const folder = path.join(project, 'cases', `${area}.${name}`);
      mkdirSync(folder, { recursive: true });
      const copy = path.join(folder, `001_${name}${ext}`);
      writeFileSync(copy, text);
      cases.push({ area, name, id, text, folder, file: copy, seeds: seedsOf(text), database: `fidelity_${cases.length + 1}` });
    }
  }
  return { project, cases, remove: () => rmSync(project, { recursive: true, force: true }) };
}

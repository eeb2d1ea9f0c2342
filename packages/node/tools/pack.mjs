// Makes what is published: the package, and the one with the native part that was built for this platform (or for those
// whose files stand in the folder given by --native). Their paths are printed, a line each.
//
//     node tools/pack.mjs OUT [--native FOLDER]

import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const own = fileURLToPath(new URL('..', import.meta.url));
const root = path.resolve(own, '../..');
const { positionals: [out], values: { native = own } } = parseArgs({ allowPositionals: true, options: { native: { type: 'string' } } });
if (out === undefined) throw new Error('where to? node tools/pack.mjs OUT [--native FOLDER]');
mkdirSync(out, { recursive: true });

const stage = mkdtempSync(path.join(tmpdir(), 'whimbrel-pack-'));
const licences = ['LICENSE-APACHE', 'LICENSE-MIT'];

function pack(folder) {
  for (const file of licences) copyFileSync(path.join(root, file), path.join(folder, file));
  // As a whole it is called npm's own way on each system.
  const told = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', path.resolve(out)], { cwd: folder, encoding: 'utf8', shell: process.platform === 'win32' });
  const facts = JSON.parse(told);
  const [{ filename }] = Array.isArray(facts) ? facts : Object.values(facts);
  return path.resolve(out, filename);
}

try {
  const main = path.join(stage, 'whimbrel');
  mkdirSync(main);
  for (const name of ['bin', 'lib', 'package.json', 'README.md']) cpSync(path.join(own, name), path.join(main, name), { recursive: true });
  console.log(pack(main));
  let found = 0;
  for (const platform of readdirSync(path.join(own, 'npm'))) {
    const file = path.join(native, `whimbrel.${platform}.node`);
    if (!existsSync(file)) continue;
    found += 1;
    const folder = path.join(stage, platform);
    cpSync(path.join(own, 'npm', platform), folder, { recursive: true });
    copyFileSync(file, path.join(folder, path.basename(file)));
    console.log(pack(folder));
  }
  if (found === 0) throw new Error(`no native part in ${native}: build it first (cargo xtask node)`);
} finally {
  rmSync(stage, { recursive: true, force: true });
}

import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export const file = basename(fileURLToPath(import.meta.url));
export const folder = basename(import.meta.dirname ?? dirname(fileURLToPath(import.meta.url)));
export const text = readFileSync(new URL('./note.txt', import.meta.url), 'utf8').trim();
export default function named() { return 'default of esm'; }

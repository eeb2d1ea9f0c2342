// The list of accepted deviations and what the documentation says of them.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';

const root = path.join(import.meta.dirname, '../..');

test('every accepted deviation has its words in docs/javascript.md', () => {
  const text = readFileSync(path.join(root, 'docs/javascript.md'), 'utf8');
  const table = text.slice(text.indexOf('## Deviations from Node.js'));
  for (const { case: name, reason, docs } of JSON.parse(readFileSync(path.join(root, 'tests/fidelity/deviations.json'), 'utf8'))) {
    assert.ok(reason.length > 20, name);
    assert.ok(table.includes(docs), `${name}: "${docs}" is not in the table`);
  }
});

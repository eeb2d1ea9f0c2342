// Packages of npm, CommonJS and ES modules side by side, and the built-in modules: the migrations in `packages/scripts`
// under Whimbrel and under Node.js must write the same documents.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { pathToFileURL } from 'node:url';
import { EJSON } from 'bson';
import { startStage } from './fidelity/servers.mjs';

const scripts = path.join(import.meta.dirname, 'packages', 'scripts');
const names = readdirSync(scripts).sort();

let stage;

before(async () => { stage = await startStage(); });
after(() => stage?.stop());

const dump = async database => {
  const documents = await stage.client.db(database).collection('results').find().sort({ _id: 1 }).toArray();
  return documents.map(document => JSON.parse(EJSON.stringify(document, { relaxed: false })));
};

test('packages and built-in modules give what they give in Node.js', async () => {
  for (const name of names) {
    const module = await import(pathToFileURL(path.join(scripts, name)));
    const up = module.up ?? (typeof module.default === 'function' ? module.default : module.default.up);
    await up(stage.client.db('node'), stage.client);
  }
  await stage.up('whimbrel', scripts);
  const [node, ours] = [await dump('node'), await dump('whimbrel')];
  assert.deepEqual(ours.map(({ _id }) => _id), node.map(({ _id }) => _id));
  node.forEach((document, index) => assert.deepEqual(ours[index], document));
  // node_modules is not covered by the checksum; files of the project are.
  const history = await stage.client.db('whimbrel').collection('migrations').find().sort({ name: 1 }).toArray();
  const imports = Object.fromEntries(history.map(row => [row.name, row.imports.map(file => path.basename(file.path)).sort()]));
  assert.deepEqual(imports['001_lodash.cjs'], []);
  assert.deepEqual(imports['004_date_fns.js'], ['utc.js']);
  assert.deepEqual(imports['007_interop.mjs'], ['cycle_a.cjs', 'cycle_b.cjs', 'data.json', 'esm.mjs']);
});

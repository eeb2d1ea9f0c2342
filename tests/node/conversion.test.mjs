// Random values to BSON and random BSON to values, under Whimbrel and with the npm package: the same bytes, the same
// classes, the same errors. `SEEDS=100000` tries more; a failure names its seed.

import assert from 'node:assert/strict';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { lines } from './conversion/both.js';
import { startStage } from './fidelity/servers.mjs';

const SEEDS = Number(process.env.SEEDS ?? 400);
const FROM = Number(process.env.SEED ?? 1);

let stage;

before(async () => { stage = await startStage(); });
after(() => stage?.stop());

test(`${SEEDS} random documents from seed ${FROM} on`, async () => {
  const db = stage.client.db('conversion');
  await db.collection('job').insertOne({ from: FROM, to: FROM + SEEDS });
  await stage.up('conversion', path.join(import.meta.dirname, 'conversion', 'scripts'));
  const stored = await db.collection('lines').find().sort({ _id: 1 }).toArray();
  // Stored text is UTF-8, which has no unpaired surrogates.
  const expected = lines(FROM, FROM + SEEDS).map(line => line.toWellFormed());
  const found = stored.flatMap(part => part.lines);
  // Seed, kind, options, and whether it is the way back: what is missing on one side must not move the rest.
  // What is wrong with damaged bytes may be found in another order.
  const plain = line => line.replace(/^(\d+ damaged \d+) [A-Z]\w*Error\b.*$/s, '$1 an error');
  const byName = all => new Map(all.map(line => [line.match(/^\d+ \w+ \d+(?: again)?/)[0], plain(line)]));
  const [left, right] = [byName(expected), byName(found)];
  const different = [...new Set([...left.keys(), ...right.keys()])]
    .map(name => [left.get(name) ?? 'nothing', right.get(name) ?? 'nothing']).filter(([a, b]) => a !== b);
  if (process.env.SHOW) for (const [a, b] of different.slice(0, 40)) console.error(`- ${a.slice(0, 400)}\n+ ${b?.slice(0, 400)}\n`);
  assert.equal(different.length, 0, different.slice(0, 5).map(([a, b]) => `\n- ${a}\n+ ${b}`).join(''));
  assert.equal(found.length, expected.length);
  assert.ok(expected.length > SEEDS * 20);
});

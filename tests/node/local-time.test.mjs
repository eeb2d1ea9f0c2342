// Local time in zones that change their clocks, texts that are dates, and the order that comparators give, under
// Whimbrel and under Node.js.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { promisify } from 'node:util';
import { environment, startStage } from './fidelity/servers.mjs';

const run = promisify(execFile);
const folder = path.join(import.meta.dirname, 'local-time');

let stage;

before(async () => { stage = await startStage(); });
after(() => stage?.stop());

for (const zone of ['America/New_York', 'Europe/Berlin', 'Australia/Sydney', 'Asia/Kolkata', 'UTC']) {
  test(`in ${zone}`, async () => {
    const env = environment({ TZ: zone });
    const script = `import('${path.join(folder, 'lines.mjs')}').then(m => console.log(JSON.stringify(m.lines())))`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { env, maxBuffer: 1 << 26 });
    const database = zone.replace('/', '-');
    await stage.up(database, path.join(folder, 'scripts'), { TZ: zone });
    const { lines } = await stage.client.db(database).collection('lines').findOne();
    const expected = JSON.parse(stdout);
    const different = expected.map((line, at) => [line, lines[at]]).filter(([a, b]) => a !== b);
    assert.deepEqual(different.slice(0, 20), []);
    assert.equal(lines.length, expected.length);
  });
}

// The differential suite: every case of `tests/fidelity/cases` runs under Node.js with the official driver and
// under Whimbrel, in its embedded engine and in its Node.js process, on equal databases, and must leave equal
// databases. `tests/fidelity/README.md` says how.

import assert from 'node:assert/strict';
import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import * as bson from 'bson';
import { MongoClient } from 'mongodb';
import { seed } from '../fidelity/seed.js';
import { ENGINE_ERRORS } from '../fidelity/support/observe.cjs';
import { fidelity, prepare } from './fidelity/cases.mjs';
import { compare, databasesOf, diff, dump } from './fidelity/dump.mjs';
import { startServer } from './fidelity/servers.mjs';
import { nodeSide, whimbrelSide } from './fidelity/sides.mjs';

/** Cases in flight at once, within an area. */
const AT_ONCE = 4;
/** Lines shown of one difference. */
const LINES = 40;

// For who writes a case: `FIDELITY_ONLY` picks cases by a part of their name; `FIDELITY_AGAINST=node` runs Node.js on
// both sides, which shows whether a case is deterministic; `FIDELITY_SHOW=1` prints what was noted;
// `FIDELITY_REPORT=FILE` writes every difference, whole, as JSON lines.
const only = process.env.FIDELITY_ONLY ?? '';
const againstNode = process.env.FIDELITY_AGAINST === 'node';
const show = process.env.FIDELITY_SHOW === '1';
const reportFile = process.env.FIDELITY_REPORT;

const { project, cases, remove } = prepare();
/** Where Whimbrel runs the cases. */
const RUNTIMES = (process.env.FIDELITY_RUNTIMES ?? 'embedded,node').split(',');
const deviations = againstNode ? [] : JSON.parse(readFileSync(path.join(fidelity, 'deviations.json'), 'utf8'));
const clients = new Map();
const clientOf = server => clients.get(server.uri);
let sides;

before(async () => {
  const servers = await Promise.all(['', ...(againstNode ? [''] : RUNTIMES)].map(() => startServer()));
  for (const { uri } of servers) clients.set(uri, await new MongoClient(uri).connect());
  const [mine, ...others] = servers;
  const other = (server, index) => (againstNode ? nodeSide(server, project) : whimbrelSide(server, project, clientOf, RUNTIMES[index]));
  sides = [nodeSide(mine, project), ...others.map(other)];
});

after(async () => {
  for (const side of sides ?? []) side.stop();
  for (const client of clients.values()) await client.close();
  await Promise.all((sides ?? []).map(side => side.server.stop()));
  remove();
});

/** How the two runs ended, as differences. */
function compareEnds(node, other) {
  const left = endText(node);
  const right = endText(other, node.thrown?.headline);
  const same = left.length === right.length && left.every((line, index) => line === right[index]);
  if (same && !node.broken) return [];
  const said = (other.output ?? '').split('\n').map(line => `  | ${line}`);
  return [{ what: 'end', lines: [...diff(left, right), ...said] }];
}

/** The end of a run as lines. In the history code and stack stand behind the message, which is `wanted`. */
function endText(end, wanted = end.thrown?.headline) {
  if (end.ok) return ['ok'];
  if (end.broken) return ['broken', ...end.broken.split('\n')];
  const { headline, class: name, code, codeName, labels } = end.thrown;
  if (ENGINE_ERRORS.has(name)) return ['thrown', "(the engine's words)", `class ${name}`];
  const known = wanted !== undefined && headline.startsWith(wanted) && /^($|\n| \(code )/.test(headline.slice(wanted.length));
  const lines = ['thrown', ...(known ? wanted : headline).split('\n')];
  if (name) lines.push(`class ${name}`);
  if (code !== undefined && code !== null) lines.push(`code ${code}`);
  if (codeName) lines.push(`codeName ${codeName}`);
  if (labels?.length > 0) lines.push(`labels ${labels.join()}`);
  return lines;
}

/** What the other sides made of a case that Node.js did not, for each of them. */
async function runCase(one) {
  const [, ...others] = sides;
  const found = others.map(() => []);
  await Promise.all(sides.map(({ server }) => seed(clientOf(server).db(one.database), bson, one.seeds)));
  // Where only one side got through there is nothing to compare in the rollback.
  const apart = others.map(() => false);
  for (const direction of ['up', 'rollback']) {
    if (direction === 'rollback' && !hasRollback(one)) break;
    const [end, ...ends] = await Promise.all(sides.map(side => side.run(one, direction)));
    if (end.missing) break;
    const [wanted, ...dumps] = await Promise.all(sides.map(({ server }) => dump(clientOf(server), one.database)));
    if (show) print(one, direction, end, wanted);
    for (const [index] of others.entries()) {
      if (apart[index]) continue;
      const ended = compareEnds(end, ends[index]);
      const differences = [...ended, ...compare(wanted, dumps[index])];
      // What `up` left different is still different after the rollback: it is told once.
      const told = ({ what, lines }) => found[index].some(one => one.what === `up: ${what}` && one.lines.join() === lines.join());
      found[index].push(...differences.filter(one => !told(one)).map(({ what, lines }) => ({ what: `${direction}: ${what}`, lines })));
      apart[index] = ended.length > 0;
    }
  }
  for (const { server } of sides) await dropAll(clientOf(server), one.database);
  return found;
}

const hasRollback = ({ text }) => /\b(rollback|down)\b/.test(text);

async function dropAll(client, database) {
  for (const name of await databasesOf(client, database)) await client.db(name).dropDatabase();
}

function print(one, direction, end, entries) {
  console.log(`\n=== ${one.id} ${direction}: ${endText(end).join(' | ')}`);
  for (const [key, bytes] of entries) {
    if (!key.startsWith('note ')) continue;
    console.log(`--- ${key.slice(5)}\n${bson.deserialize(bytes).text.join('\n')}`);
  }
}

/** Changed lines with one line around them, and not too many of them. */
function shorten(lines) {
  const told = line => line !== undefined && (!line.startsWith('  ') || line.startsWith('  |'));
  const near = index => [index - 1, index, index + 1].some(at => told(lines[at]));
  const kept = lines.flatMap((line, index) => (near(index) ? [line] : []));
  return kept.length > LINES ? [...kept.slice(0, LINES), `  (and ${kept.length - LINES} lines more)`] : kept;
}

function judge(one, found) {
  const report = sides.slice(1).flatMap((side, index) => judgeSide(one, side, found[index]));
  if (report.length === 0) return;
  const error = new assert.AssertionError({ message: `${one.id} (- Node.js, + Whimbrel)\n  ${report.join('\n  ')}` });
  error.stack = error.message;
  throw error;
}

function judgeSide(one, { name, runtime }, found) {
  const isOurs = deviation => deviation.case === one.id && (deviation.runtimes ?? ['embedded']).includes(runtime);
  const listed = deviations.filter(isOurs).map(deviation => deviation.what);
  for (const difference of reportFile ? found : []) {
    const accepted = listed.includes(difference.what);
    appendFileSync(reportFile, `${JSON.stringify({ case: one.id, runtime, accepted, ...difference })}\n`);
  }
  const report = found
    .filter(({ what }) => !listed.includes(what))
    .map(({ what, lines }) => `${name}: ${what}\n    ${shorten(lines).join('\n    ')}`);
  const gone = listed.filter(what => !found.some(difference => difference.what === what));
  report.push(...gone.map(what => `${name}: deviations.json lists "${what}", which no longer occurs: remove it`));
  return report;
}

const chosen = cases.filter(({ id }) => id.includes(only));

for (const area of new Set(chosen.map(one => one.area))) {
  test(area, { concurrency: AT_ONCE }, async t => {
    const own = chosen.filter(one => one.area === area);
    await Promise.all(own.map(one => t.test(one.name, async () => judge(one, await runCase(one)))));
  });
}

test('every deviation names a case and has a reason', () => {
  for (const deviation of deviations) {
    assert.deepEqual(Object.keys(deviation).filter(key => key !== 'runtimes'), ['case', 'what', 'reason', 'docs']);
    for (const runtime of deviation.runtimes ?? []) assert.ok(['embedded', 'node'].includes(runtime), `${deviation.case}: ${runtime}?`);
    assert.ok(cases.some(({ id }) => id === deviation.case), `there is no case ${deviation.case}`);
    assert.ok(deviation.reason.length > 20, `${deviation.case}: why?`);
  }
});

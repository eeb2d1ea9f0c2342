// The side of Node.js: a process that runs cases with the official driver, one after the other.
//
// It gets `{ file, uri, database, direction }` and answers `{ missing }`, `{ ok }` or `{ thrown }`. A process of its
// own, because cases change globals and the working directory, and lose rejected promises.

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { MongoClient } from 'mongodb';

const ENTRIES = { up: ['up'], rollback: ['rollback', 'down'] };

/** The function that Whimbrel would call, by the rules of the documentation. */
function entryOf(module, direction) {
  // Of CommonJS the default export is `module.exports`, on which Whimbrel calls the functions.
  const own = module.default;
  if (direction === 'up' && typeof own === 'function') return own;
  for (const name of ENTRIES[direction]) {
    for (const holder of [own, module]) {
      if (typeof holder?.[name] === 'function') return holder[name].bind(holder);
    }
  }
  return undefined;
}

/** What Whimbrel records of an error, from the error itself. */
function facts(thrown) {
  if (!(thrown instanceof Error)) return { headline: typeof thrown === 'string' ? thrown : inspect(thrown) };
  const { name, message, code, codeName, errorLabels } = thrown;
  return {
    headline: message === '' ? name : `${name}: ${message}`,
    class: name,
    ...(typeof code === 'number' || typeof code === 'string' ? { code } : {}),
    ...(typeof codeName === 'string' ? { codeName } : {}),
    ...(Array.isArray(errorLabels) && errorLabels.length > 0 ? { labels: errorLabels } : {}),
    stack: thrown.stack,
  };
}

const ticks = async count => { for (let i = 0; i < count; i += 1) await new Promise(resolve => { setImmediate(resolve); }); };

/** How many operations of a client have, or wait for, a connection. */
function countOperations(client) {
  const busy = { count: 0 };
  client.on('connectionCheckOutStarted', () => { busy.count += 1; });
  client.on('connectionCheckOutFailed', () => { busy.count -= 1; });
  client.on('connectionCheckedIn', () => { busy.count -= 1; });
  return busy;
}

/** Waits until the case has nothing in flight, as Whimbrel does for what nobody awaited. */
async function settled(busy) {
  for (let quiet = 0; quiet < 5;) {
    await ticks(2);
    quiet = busy.count === 0 ? quiet + 1 : 0;
  }
}

/** A case that hangs must not hang the suite. */
const LIMIT = 30_000;

const limited = promise => {
  let timer;
  const over = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${LIMIT} ms`)), LIMIT);
  });
  return Promise.race([promise, over]).finally(() => clearTimeout(timer));
};

let lost = [];
process.on('unhandledRejection', reason => { lost.push(reason); });

async function run({ file, uri, database, direction, project }) {
  process.chdir(project);
  lost = [];
  const client = new MongoClient(`${uri}/${database}`);
  const busy = countOperations(client);
  await client.connect();
  try {
    const entry = entryOf(await import(pathToFileURL(path.resolve(file)).href), direction);
    if (entry === undefined) return { missing: true };
    await limited(entry(client.db(database), client));
    await settled(busy);
    if (lost.length > 0) throw lost[0];
    return { ok: true };
  } catch (error) {
    await settled(busy);
    return { thrown: facts(error) };
  } finally {
    await client.close();
  }
}

let last = Promise.resolve();
process.on('message', ({ id, job }) => {
  last = last.then(() => run(job)).then(
    answer => process.send({ id, answer }),
    error => process.send({ id, answer: { broken: error.stack } }),
  );
});
process.on('disconnect', () => process.exit(0));

// Runs one direction of a case on a side and says how it ended: `{ missing }`, `{ ok }` or `{ thrown }`.

import { fork, spawn } from 'node:child_process';
import path from 'node:path';
import { environment, whimbrel } from './servers.mjs';

/** Node.js with the official driver, in a process of its own. */
export function nodeSide(server, project) {
  const child = fork(path.join(import.meta.dirname, 'node-side.mjs'), { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  const waiting = new Map();
  let said = '';
  let count = 0;
  child.stderr.on('data', chunk => { said = (said + chunk).slice(-4000); });
  child.on('message', ({ id, answer }) => {
    waiting.get(id)(answer);
    waiting.delete(id);
  });
  child.on('exit', code => {
    for (const resolve of waiting.values()) resolve({ broken: `the process ended with ${code}: ${said}` });
  });
  return {
    name: 'Node.js',
    server,
    run(one, direction) {
      count += 1;
      const id = count;
      const job = { file: one.file, uri: server.uri, database: one.database, direction, project };
      return new Promise(resolve => {
        waiting.set(id, resolve);
        child.send({ id, job });
      });
    },
    stop() { child.disconnect(); },
  };
}

function execute(args, project) {
  return new Promise((resolve, reject) => {
    const child = spawn(whimbrel(), args, { cwd: project, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', chunk => { output += chunk; });
    child.stderr.on('data', chunk => { output += chunk; });
    child.once('error', reject);
    child.once('close', code => resolve({ code, output }));
  });
}

/** `whimbrel up` and `whimbrel down`, one process for each; `runtime` is where it runs the cases. */
export function whimbrelSide(server, project, clientOf, runtime) {
  return {
    name: runtime === 'embedded' ? 'Whimbrel' : 'Whimbrel with Node.js',
    runtime,
    server,
    async run(one, direction) {
      const file = path.basename(one.file);
      const command = direction === 'up' ? ['up'] : ['down', file];
      const place = ['--uri', `${server.uri}/${one.database}`, '--dir', path.relative(project, one.folder)];
      const { code, output } = await execute([...command, ...place, '--timeout', '30s', '--runtime', runtime, '--javascript-legacy', 'false', '--quiet'], project);
      if (code === 0) return { ok: true, output };
      const row = await clientOf(server).db(one.database).collection('migrations').findOne({ name: file });
      if (typeof row?.error !== 'string') return { broken: `exit code ${code}: ${output}` };
      const detail = row.errorDetail ?? {};
      return { thrown: { headline: row.error, ...detail }, output };
    },
    stop() {},
  };
}

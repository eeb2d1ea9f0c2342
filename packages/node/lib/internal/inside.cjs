'use strict';
// `log` and `progress` for migrations that run in the application's process. Other runtimes have a module of that name
// of their own; outside of any migration, as in a test of one, they do nothing.

const { inspect } = require('node:util');
const binding = require('./binding.cjs');
const { current } = require('./context.cjs');

/** The run of the migration that says something; none where its file is only looked at. */
function runOf() {
  const run = current.getStore()?.run;
  return run && !run.isOver && run.native ? run : undefined;
}

/** Fields with the driver's own types; what it cannot say is told as people would see it. */
function fieldsOf(run, fields) {
  try {
    return JSON.parse(run.EJSON.stringify(fields, { relaxed: false }));
  } catch {
    return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, inspect(value)]));
  }
}

/** The rules for their arguments are those of the engine: an ES module that imports nothing. */
const makeWhimbrelModule = new Function(`${binding.sharedScripts().whimbrel.replace(/^export /gm, '')}\nreturn makeWhimbrelModule;`)();

module.exports = makeWhimbrelModule({
  log: (level, message, fields) => {
    const run = runOf();
    run?.native.say(run.load, JSON.stringify({ log: { level, message, fields: fieldsOf(run, fields) } }));
  },
  progress: (done, total) => {
    const run = runOf();
    run?.native.say(run.load, JSON.stringify({ progress: { done, total } }));
  },
});

'use strict';
// `log` and `progress` for migrations that run in the application's process. Other runtimes have a module of that name
// of their own; outside of any migration, as in a test of one, they do nothing.

const binding = require('./binding.cjs');
const { current } = require('./context.cjs');

function say(said) {
  const run = current.getStore()?.run;
  if (run && !run.isOver) run.native.say(run.load, JSON.stringify(said));
}

/** The rules for their arguments are those of the engine: an ES module that imports nothing. */
const makeWhimbrelModule = new Function(`${binding.sharedScripts().whimbrel.replace(/^export /gm, '')}\nreturn makeWhimbrelModule;`)();

module.exports = makeWhimbrelModule({
  log: (level, message, fields) => say({ log: { level, message, fields } }),
  progress: (done, total) => say({ progress: { done, total } }),
});

'use strict';
// The runner: does what Whimbrel asks for, one thing after another. Planning, lock, history, time limits and the
// audit trail are Whimbrel's; here is only what needs Node.js: loading a migration's modules and calling them.

const { inspect } = require('util');
const path = require('path');
const { close, listen, send } = require('./channel.js');
const { describe } = require('./describe.js');

/** Timers due within this time are awaited at the end of a migration; so long without any operation in between. */
const SOON = 1000;
const MOST_QUIET = 5000;
/** How long a rejection may stay without a handler while the migration goes on. */
const HANDLED_WITHIN = 1000;
/** How long the process may take to end by itself. */
const END_WITHIN = 1000;

let hello;
let parts;
let importUrl;
let located;
let client;
let isInstalled = false;
const rejections = new Map();
/** The migration that was last run, for what comes after its end. */
let last;
let failRun;
let stopRun;

function loadParts() {
  return {
    driver: require('./driver.js'),
    modules: require('./modules.js'),
    mongoose: require('./mongoose.js'),
    operations: require('./operations.js'),
    output: require('./output.js'),
    timers: require('./timers.js'),
    transaction: require('./transaction.js'),
    watchdog: require('./watchdog.js'),
    wire: require('./wire.js'),
  };
}

const LEVELS = ['debug', 'info', 'warn', 'error'];

/** Finds the driver and hooks the loader, once. */
async function prepare(entry) {
  if (isInstalled) return;
  const { driver, modules, mongoose, operations, wire } = parts;
  located = driver.locate(entry, hello.root, hello.mongoose);
  const connection = driver.inner(located, 'cmap/connection.js')?.Connection;
  if (typeof connection?.prototype?.command !== 'function') {
    throw new driver.Unusable(`the project's driver, mongodb ${located.version}, has an unknown structure`, 'install a released version of mongodb, 4 to 7');
  }
  wire.patch(connection);
  operations.instrument(located);
  const bson = driver.bsonOf(located);
  wire.useBson(bson);
  const { makeWhimbrelModule } = await importUrl(`data:text/javascript,${encodeURIComponent(`${hello.shared.whimbrel}\n//# sourceURL=whimbrel:node/whimbrel.js`)}`);
  const api = makeWhimbrelModule({
    log: (level, message, fields) => send({ type: 'log', level: LEVELS.includes(level) ? level : 'info', message }, bson.serialize(fields)),
    progress: (done, total) => send({ type: 'progress', done, total }),
  });
  const fallback = { mongodb: located.file, bson: located.bson };
  await modules.install(hello, importUrl, api, fallback, (request, exported) => {
    wire.noticeLoaded(request, exported);
    mongoose.noticeLoaded(request, exported);
  });
  isInstalled = true;
}

/** Connects; mongoose again where a migration has disconnected it. */
async function connect() {
  const { driver, operations, wire } = parts;
  if (hello.mongoose) {
    const before = client;
    client = await driver.connectMongoose(located, hello);
    if (before && before !== client) {
      await closing.get(before)?.().catch(() => {});
      closing.delete(before);
    }
    operations.instrument(located);
  } else {
    client ??= await driver.connect(located, hello);
  }
  keepOpen(client);
  wire.state.home = { client, database: hello.database, addresses: () => [...(client.topology?.description?.servers?.keys() ?? [])] };
}

/** How to close each client for good. */
const closing = new Map();

/** Scripts close the client at their end, and the next migration needs it. */
function keepOpen(its) {
  if (closing.has(its)) return;
  const { close: original } = its;
  closing.set(its, () => original.call(its));
  its.close = async (...args) => {
    parts.output.say('debug', 'client.close() does nothing: Whimbrel closes the connection at the end');
    const callback = args.at(-1);
    if (typeof callback === 'function') process.nextTick(callback);
  };
}

/** Gives what sets environment and folder back: what a migration changes does not reach the next. */
function keepEnvironment() {
  const environment = { ...process.env };
  const folder = process.cwd();
  return () => {
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
    for (const [name, value] of Object.entries(environment)) if (process.env[name] !== value) process.env[name] = value;
    process.chdir(folder);
    process.exitCode = undefined;
  };
}

async function loadEntry({ path: file, number }) {
  const { modules, mongoose } = parts;
  tellLate();
  modules.forget();
  mongoose.forgetModels();
  return modules.loadEntry(file, number);
}

/** Throws the first rejection that nobody has handled. */
function throwUnhandled() {
  const [first] = rejections.values();
  rejections.clear();
  if (first) throw first.reason;
}

/** Failures that came after a migration's end are told as what they are. */
function tellLate(failures = rejections.values()) {
  for (const { reason } of failures) send({ type: 'late', name: last ?? null, error: describe(reason) });
  if (arguments.length === 0) rejections.clear();
}

/** Whether a failure is that of something which another migration than the present one has started. */
function isLate(reason) {
  const { owners, state } = parts.wire;
  const owner = owners.getStore()?.owner;
  if (state.run === undefined) return state.notes === undefined && last !== undefined;
  return (owner !== undefined && owner !== state.run.owner) || reason?.code === 'OUTSIDE_MIGRATION';
}

const tick = () => new Promise(resolve => { parts.timers.real.setImmediate(resolve); });

const HANDLERS = {
  async inspect(message) {
    const { mongoose, wire } = parts;
    await prepare(message.path);
    wire.state.notes = [];
    let points;
    let early;
    try {
      points = await wire.owners.run({ owner: message.number, isLooking: true }, () => loadEntry(message));
      await tick();
      throwUnhandled();
    } finally {
      early = wire.state.notes;
      wire.state.notes = undefined;
      // What is only looked at does nothing later either.
      parts.timers.drop();
    }
    return {
      hasUp: typeof points.up === 'function',
      hasRollback: typeof points.rollback === 'function',
      transaction: typeof points.transaction === 'boolean' ? points.transaction : null,
      early,
      driver: located.version,
      mongoose: mongoose.loaded(located) ? located.mongoose.version : null,
    };
  },

  async begin(message) {
    await prepare(message.path);
    await connect();
    const id = await parts.transaction.begin(client, message);
    return { blob: parts.driver.bsonOf(located).serialize(id) };
  },

  async command({ database }, blob) {
    const bson = parts.driver.bsonOf(located);
    const reply = await parts.transaction.run(client, database, bson.deserialize(blob));
    const { $clusterTime: _, operationTime: __, ...plain } = reply;
    return { blob: bson.serialize(plain) };
  },

  async commit() {
    await parts.transaction.commit();
    return {};
  },

  async abort() {
    await parts.transaction.abort();
    return {};
  },

  async run(message) {
    const { watchdog, wire } = parts;
    await prepare(message.path);
    if (message.transaction !== (wire.state.transaction !== undefined)) throw new Error('the transaction is gone');
    await watchdog.fresh();
    await connect();
    const failed = new Promise((_, reject) => { failRun = reject; });
    const stopped = new Promise(resolve => { stopRun = () => resolve({ stopped: true }); });
    failed.catch(() => {});
    const run = { comment: { whimbrel: message.runId, fence: message.fence }, owner: message.number };
    wire.state.run = run;
    wire.state.elsewhere.clear();
    try {
      const work = wire.owners.run({ owner: run.owner }, () => runBody(message, failed));
      work.catch(() => {});
      return await Promise.race([work, stopped]);
    } finally {
      last = path.basename(message.path);
      wire.state.run = undefined;
      failRun = undefined;
      stopRun = undefined;
      parts.output.flush();
    }
  },
};

async function runBody(message, failed) {
  const { modules, mongoose, operations, timers, wire } = parts;
  const { transaction } = wire.state;
  mongoose.prepare(located);
  const points = await loadEntry(message);
  const callback = message.direction === 'up' ? points.up : points.rollback;
  if (typeof callback !== 'function') throw new Error(`the file exports no function for ${message.direction}`);
  if (transaction) {
    mongoose.prepare(located);
    const why = mongoose.whyNoTransaction(located, hello.mongoose);
    if (why) throw new parts.driver.Unusable(why.message, why.hint);
  }
  const db = client.db(hello.database);
  const deprecate = (what, instead) => parts.output.say('warn', `${what} is deprecated; use ${instead}`);
  const call = async () => modules.callEntry(callback, points.owner, db, client, { legacy: hello.legacy, deprecate });
  const restore = keepEnvironment();
  const body = transaction ? mongoose.joined(located, transaction.session, call) : call();
  let error;
  let hasFailed = false;
  try {
    await Promise.race([body, failed]);
  } catch (thrown) {
    hasFailed = true;
    error = thrown;
  }
  const streams = await operations.closeStreams();
  const unawaited = await settle(failed).catch(thrown => {
    if (!hasFailed) error = thrown;
    hasFailed = true;
    return [];
  });
  await operations.closeCursors();
  restore();
  const dropped = timers.drop();
  if (dropped > 0) parts.output.say('debug', `timers still set at the end, which do not fire: ${dropped}`);
  if (hasFailed) throw hinted(error, mongoose);
  throwUnhandled();
  return { unawaited, unconsumed: operations.unconsumed(), streams, elsewhere: [...wire.state.elsewhere] };
}

/** Models wait ten seconds for a connection; the error does not say who makes it. */
function hinted(error, mongoose) {
  const hint = /buffering timed out/.test(error?.message ?? '') ? mongoose.whyNotConnected() : undefined;
  if (hint) error.whimbrelHint = hint;
  return error;
}

/** Awaits what was started and not awaited; gives what that was. */
async function settle(failed) {
  const { operations, timers, wire } = parts;
  const unawaited = new Set(operations.pending());
  let quietSince = Date.now();
  const isBusy = () => operations.inFlightCount() > 0 || wire.state.inFlight > 0;
  const isQuietForLong = () => Date.now() - quietSince >= MOST_QUIET;
  for (;;) {
    if (isBusy()) {
      await Promise.race([timers.pause(2), failed]);
      quietSince = Date.now();
    } else if (timers.isDueWithin(SOON) && !isQuietForLong()) {
      await Promise.race([timers.pause(2), failed]);
    } else {
      await tick();
      if (!isBusy() && (isQuietForLong() || !timers.isDueWithin(0))) break;
    }
    for (const one of operations.pending()) unawaited.add(one);
  }
  await tick();
  return [...unawaited];
}

let chain = Promise.resolve();

function hear(message, blob) {
  switch (message.type) {
    case 'announced': parts.wire.wasAnnounced(message.number); break;
    case 'stop': stop(); break;
    case 'end': chain = chain.then(end); break;
    default: chain = chain.then(() => answer(message, blob));
  }
}

/** Nothing more is sent; what was sent is awaited. A body that has ended by then has ended well. */
function stop() {
  const { timers, watchdog, wire } = parts;
  watchdog.shut();
  const look = async () => {
    for (let quiet = 0; quiet < 5; quiet += 1) {
      await tick();
      if (wire.state.inFlight > 0) {
        timers.real.setTimeout(look, 2);
        return;
      }
    }
    stopRun?.();
  };
  look();
}

async function answer(message, blob) {
  let reply;
  let bytes;
  try {
    const { blob: its, ...result } = await HANDLERS[message.type](message, blob);
    reply = { type: 'reply', id: message.id, result };
    bytes = its;
  } catch (error) {
    const isUnusable = error instanceof parts.driver.Unusable;
    let hint;
    try {
      hint = error?.whimbrelHint ?? (isUnusable ? error.hint : undefined);
    } catch {
      // Whatever was thrown, it has none.
    }
    reply = { type: 'reply', id: message.id, error: describe(error), isUnusable, hint: typeof hint === 'string' ? hint : undefined };
  }
  send(reply, bytes);
}

const NAMES = { TCPServerWrap: 'a server that listens', PipeServerWrap: 'a server that listens', TCPSocketWrap: 'a connection', TLSWrap: 'a connection', Timeout: 'a timer', ProcessWrap: 'a process', FSEventWrap: 'a watched file' };

function lingering() {
  const resources = process.getActiveResourcesInfo().map(name => NAMES[name]).filter(Boolean);
  return [...new Set(resources)];
}

/** Ends the process: by itself, if nothing of the project keeps it alive. */
async function end() {
  const { mongoose, output, timers, transaction, watchdog } = parts;
  output.flush();
  await tick();
  tellLate();
  await transaction.end();
  await mongoose.disconnect();
  for (const closeIt of closing.values()) await closeIt().catch(() => {});
  await watchdog.stop();
  close();
  const timer = timers.real.setTimeout(() => {
    send({ type: 'lingering', resources: lingering() });
    process.reallyExit(0);
  }, END_WITHIN);
  timer.unref();
}

/** An exit that the migration asks for is told, because it looks like a success from outside. */
function watchExit() {
  const { exit } = process;
  process.exit = code => {
    parts.output.flush();
    send({ type: 'exiting', code: code ?? process.exitCode ?? 0, place: parts.operations.placeIn(new Error().stack) ?? null });
    exit.call(process, code);
  };
}

/** A module that starts a server does so each time it is loaded; the process has that server already. */
function isSecondServer(error) {
  return error?.code === 'EADDRINUSE' && error.syscall === 'listen' && process.getActiveResourcesInfo().some(name => /ServerWrap$/.test(name));
}

function watchErrors() {
  process.on('uncaughtException', error => {
    if (isSecondServer(error)) return;
    if (isLate(error)) tellLate([{ reason: error }]);
    else if (failRun) failRun(error);
    else rejections.set(error, { reason: error });
  });
  process.on('unhandledRejection', (reason, promise) => {
    if (isLate(reason)) {
      tellLate([{ reason }]);
      return;
    }
    rejections.set(promise, { reason });
    const timer = parts.timers.real.setTimeout(() => {
      if (rejections.has(promise)) failRun?.(reason);
    }, HANDLED_WITHIN);
    timer.unref();
  });
  process.on('rejectionHandled', promise => rejections.delete(promise));
  process.on('warning', warning => {
    if (warning.name !== 'ExperimentalWarning' && warning.name !== 'DeprecationWarning') parts.output.say('warn', inspect(warning));
  });
}

exports.start = (greeting, load) => {
  hello = greeting;
  importUrl = load;
  parts = loadParts();
  // As if a program of the project were running, which is none of its files.
  process.argv = [process.execPath, path.join(hello.root, 'node_modules', '.bin', 'whimbrel')];
  process.removeAllListeners('warning');
  parts.watchdog.start(hello.files['watchdog_thread.js']);
  parts.timers.patch();
  parts.output.redirect();
  watchErrors();
  watchExit();
  listen(hear);
  send({ type: 'ready', version: process.version });
};

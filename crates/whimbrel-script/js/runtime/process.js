// `process`: what of it makes sense in a migration.

const VERSION = '20.19.0';

/** What is written without a line end waits for the rest of its line. */
function stream(ops, level, fd) {
  let held = '';
  return {
    isTTY: false,
    fd,
    writable: true,
    columns: undefined,
    write(chunk, encoding, callback) {
      const text = held + (typeof chunk === 'string' ? chunk : globalThis.Buffer.from(chunk).toString());
      const end = text.lastIndexOf('\n');
      held = text.slice(end + 1);
      if (end >= 0) ops.print(level, text.slice(0, end));
      const done = [encoding, callback].find(value => typeof value === 'function');
      if (done) queueMicrotask(done);
      return true;
    },
    flush() {
      if (held !== '') ops.print(level, held);
      held = '';
    },
    end(chunk) {
      if (chunk !== undefined) this.write(chunk);
      this.flush();
    },
    on() { return this; },
    once() { return this; },
    off() { return this; },
    emit() { return false; },
    cork() {},
    uncork() {},
  };
}

/** `process.env`: whatever is assigned becomes text, as in Node.js. */
function environment(variables) {
  return new Proxy(variables, {
    set(target, key, value) {
      target[key] = typeof key === 'symbol' ? value : String(value);
      return true;
    },
    defineProperty(target, key, descriptor) {
      const text = 'value' in descriptor && typeof key !== 'symbol' ? { ...descriptor, value: String(descriptor.value) } : descriptor;
      return Reflect.defineProperty(target, key, text);
    },
  });
}

export function makeProcess(ops) {
  const { platform, arch } = ops.osInfo();
  // A little more than nothing has passed by now.
  const started = ops.now() - 1;
  const now = () => ops.now() - started;
  const hrtime = before => {
    const milliseconds = now();
    const time = [Math.floor(milliseconds / 1000), Math.round((milliseconds % 1000) * 1e6)];
    if (before === undefined) return time;
    const nanoseconds = time[1] - before[1];
    return nanoseconds < 0 ? [time[0] - before[0] - 1, nanoseconds + 1e9] : [time[0] - before[0], nanoseconds];
  };
  hrtime.bigint = () => BigInt(Math.round(now() * 1e6));
  const process = {
    title: 'whimbrel',
    env: environment(ops.environment()),
    argv: ['whimbrel'],
    argv0: 'whimbrel',
    execArgv: [],
    execPath: 'whimbrel',
    exitCode: undefined,
    platform,
    arch,
    pid: 0,
    ppid: 0,
    version: `v${VERSION}`,
    versions: { node: VERSION },
    release: { name: 'node' },
    features: {},
    config: {},
    cwd: () => ops.projectFolder(),
    chdir() { throw new Error('process.chdir() is not offered in a migration: use absolute paths'); },
    umask: () => 0o022,
    uptime: () => now() / 1000,
    hrtime,
    // The engine does not count its heap apart from the process.
    memoryUsage: Object.assign(
      () => {
        const rss = ops.residentMemory();
        return { rss, heapTotal: rss, heapUsed: rss, external: 0, arrayBuffers: 0 };
      },
      { rss: () => ops.residentMemory() },
    ),
    cpuUsage: () => ({ user: Math.round(now() * 1000), system: 0 }),
    nextTick: (callback, ...args) => ops.nextTick(() => callback(...args)),
    stdout: stream(ops, 'info', 1),
    stderr: stream(ops, 'error', 2),
    stdin: { isTTY: false, fd: 0 },
    emitWarning: warning => ops.print('warn', typeof warning === 'string' ? `Warning: ${warning}` : String(warning)),
    exit(code) {
      throw new Error(`process.exit(${code ?? ''}) was called: a migration ends by returning or by throwing`);
    },
    abort() { throw new Error('process.abort() was called: a migration ends by returning or by throwing'); },
    kill() { throw new Error('process.kill() is not offered in a migration'); },
    emit: () => false,
    listenerCount: () => 0,
    listeners: () => [],
    getuid: () => 0,
    getgid: () => 0,
  };
  // Handlers of the process' end or of signals have nothing to wait for here.
  for (const name of ['on', 'once', 'off', 'addListener', 'removeListener', 'removeAllListeners', 'prependListener', 'setMaxListeners']) {
    process[name] = () => process;
  }
  Object.defineProperty(process, Symbol.toStringTag, { value: 'process' });
  return process;
}

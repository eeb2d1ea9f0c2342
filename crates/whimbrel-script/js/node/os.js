// `os`: the machine, as far as a migration may know it.
//
// Load, networks and the times of the processors are not told: they are there and empty.

import { host } from './host.js';
import { nodeError } from './errors.js';

const info = () => host.osInfo();
const isWindows = () => info().platform === 'win32';

const MACHINES = { x64: 'x86_64', ia32: 'i686', arm64: 'aarch64', arm: 'armv7l' };

function machine() {
  const { arch, platform } = info();
  return arch === 'arm64' && platform !== 'linux' ? 'arm64' : MACHINES[arch] ?? arch;
}

function notOffered(name) {
  return () => {
    throw nodeError(Error, 'ERR_NOT_OFFERED', `os.${name} is not offered in a migration: set the priority of the tool itself`);
  };
}

// The numbers that Linux and macOS agree on.
const SIGNALS = {
  SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGILL: 4, SIGTRAP: 5, SIGABRT: 6, SIGFPE: 8, SIGKILL: 9, SIGSEGV: 11, SIGPIPE: 13, SIGALRM: 14,
  SIGTERM: 15,
};
const ERRNO = {
  E2BIG: 7, EACCES: 13, EBADF: 9, EBUSY: 16, ECHILD: 10, EEXIST: 17, EFAULT: 14, EFBIG: 27, EINTR: 4, EINVAL: 22, EIO: 5, EISDIR: 21,
  EMFILE: 24, EMLINK: 31, ENFILE: 23, ENODEV: 19, ENOENT: 2, ENOMEM: 12, ENOSPC: 28, ENOTDIR: 20, ENOTTY: 25, ENXIO: 6, EPERM: 1,
  EPIPE: 32, EROFS: 30, ESPIPE: 29, ESRCH: 3, EXDEV: 18,
};

export default {
  arch: () => info().arch,
  availableParallelism: () => Math.max(info().cpus, 1),
  cpus: () => Array.from({ length: info().cpus }, () => ({
    model: 'unknown', speed: 0, times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 },
  })),
  endianness: () => (new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 'LE' : 'BE'),
  freemem: () => info().freemem,
  getPriority: notOffered('getPriority'),
  homedir: () => info().homedir,
  hostname: () => info().hostname,
  loadavg: () => [0, 0, 0],
  networkInterfaces: () => ({}),
  platform: () => info().platform,
  release: () => info().release,
  setPriority: notOffered('setPriority'),
  tmpdir: () => info().tmpdir,
  totalmem: () => info().totalmem,
  type: () => info().type,
  userInfo: () => ({ uid: -1, gid: -1, username: info().username, homedir: info().homedir, shell: null }),
  uptime: () => info().uptime,
  version: () => info().release,
  machine,
  constants: { UV_UDP_REUSEADDR: 4, errno: ERRNO, signals: SIGNALS },
  get EOL() { return isWindows() ? '\r\n' : '\n'; },
  get devNull() { return isWindows() ? '\\\\.\\nul' : '/dev/null'; },
};

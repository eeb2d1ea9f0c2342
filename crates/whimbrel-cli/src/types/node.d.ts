// What of Node.js a migration can use, for editors and `tsc`, in a project that has no `@types/node`.
//
// Written by `whimbrel types`; install `@types/node` and run it again for full types. What the libraries "dom" and "webworker"
// declare as well takes their type where one of them is in use (both have a global `onmessage`), so that they go together.
// Modules without types of their own here are `any`.

/** Members of an interface that those libraries have too: there nothing is added to it. */
type WhimbrelMembers<Ours> = typeof globalThis extends { onmessage: any } ? {} : Ours;

// ---- output, the process

interface WhimbrelConsole {
  log(...values: any[]): void;
  info(...values: any[]): void;
  warn(...values: any[]): void;
  error(...values: any[]): void;
  /** Shows with `--verbose`. */
  debug(...values: any[]): void;
  trace(...values: any[]): void;
  dir(value: any, options?: any): void;
  dirxml(...values: any[]): void;
  table(rows: any, columns?: readonly string[]): void;
  assert(condition?: any, ...values: any[]): void;
  group(...values: any[]): void;
  groupCollapsed(...values: any[]): void;
  groupEnd(): void;
  count(label?: string): void;
  countReset(label?: string): void;
  time(label?: string): void;
  timeLog(label?: string, ...values: any[]): void;
  timeEnd(label?: string): void;
}
declare var console: typeof globalThis extends { onmessage: any; console: infer Theirs } ? Theirs : WhimbrelConsole;

interface WhimbrelOutput {
  readonly isTTY: boolean;
  readonly fd: number;
  write(chunk: string | Uint8Array, ...rest: any[]): boolean;
  end(chunk?: string | Uint8Array): void;
}
declare var process: {
  /** The environment, with what `.env` says. */
  env: { [name: string]: string | undefined };
  /** The project folder. */
  cwd(): string;
  readonly stdout: WhimbrelOutput;
  readonly stderr: WhimbrelOutput;
  readonly argv: string[];
  readonly platform: string;
  readonly arch: string;
  readonly pid: number;
  readonly version: string;
  readonly versions: { [name: string]: string | undefined };
  exitCode: any;
  hrtime: { (before?: [number, number]): [number, number]; bigint(): bigint };
  uptime(): number;
  memoryUsage(): { [name: string]: number };
  nextTick(callback: (...args: any[]) => void, ...args: any[]): void;
  emitWarning(warning: string | Error): void;
  on(event: string, listener: (...args: any[]) => void): any;
  once(event: string, listener: (...args: any[]) => void): any;
  off(event: string, listener: (...args: any[]) => void): any;
};
declare var global: typeof globalThis;

// ---- timers

declare function setTimeout(callback: (...args: any[]) => void, milliseconds?: number, ...args: any[]): any;
declare function setInterval(callback: (...args: any[]) => void, milliseconds?: number, ...args: any[]): any;
declare function setImmediate(callback: (...args: any[]) => void, ...args: any[]): any;
declare function clearTimeout(timer: any): void;
declare function clearInterval(timer: any): void;
declare function clearImmediate(timer: any): void;
declare function queueMicrotask(callback: () => void): void;

// ---- CommonJS, `import.meta`

declare var require: {
  (id: string): any;
  resolve(id: string): string;
};
declare var module: { exports: any; readonly id: string; readonly filename: string; readonly path: string; readonly loaded: boolean };
declare var exports: any;
declare var __dirname: string;
declare var __filename: string;
interface ImportMeta {
  url: string;
  readonly dirname: string;
  readonly filename: string;
  resolve(specifier: string): string;
}

// ---- bytes, text, addresses

interface Buffer extends Uint8Array {
  toString(encoding?: string, start?: number, end?: number): string;
  equals(other: Uint8Array): boolean;
  compare(other: Uint8Array): number;
  copy(target: Uint8Array, targetStart?: number, sourceStart?: number, sourceEnd?: number): number;
  write(text: string, ...rest: any[]): number;
  toJSON(): { type: 'Buffer'; data: number[] };
  /** Reading and writing of numbers: `readInt32LE`, `writeDoubleBE`, … */
  [member: `${'read' | 'write'}${string}`]: any;
}
declare var Buffer: {
  from(value: string, encoding?: string): Buffer;
  from(value: ArrayBufferLike, offset?: number, length?: number): Buffer;
  from(value: ArrayLike<number> | Iterable<number> | { valueOf(): any }): Buffer;
  alloc(size: number, fill?: string | number | Uint8Array, encoding?: string): Buffer;
  allocUnsafe(size: number): Buffer;
  concat(list: readonly Uint8Array[], length?: number): Buffer;
  byteLength(value: string | ArrayBufferView | ArrayBufferLike, encoding?: string): number;
  compare(one: Uint8Array, other: Uint8Array): number;
  isBuffer(value: any): value is Buffer;
  isEncoding(encoding: string): boolean;
  readonly prototype: Buffer;
};
declare function atob(data: string): string;
declare function btoa(data: string): string;
declare function structuredClone<T = any>(value: T, options?: any): T;

interface TextEncoder extends WhimbrelMembers<{
  readonly encoding: string;
  encode(text?: string): Uint8Array;
  encodeInto(text: string, bytes: Uint8Array): { read: number; written: number };
}> {}
declare var TextEncoder: typeof globalThis extends { onmessage: any; TextEncoder: infer Theirs } ? Theirs : {
  new (): TextEncoder;
  readonly prototype: TextEncoder;
};
interface TextDecoder extends WhimbrelMembers<{
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  decode(bytes?: ArrayBufferView | ArrayBufferLike, options?: { stream?: boolean }): string;
}> {}
declare var TextDecoder: typeof globalThis extends { onmessage: any; TextDecoder: infer Theirs } ? Theirs : {
  new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder;
  readonly prototype: TextDecoder;
};

interface URLSearchParams extends WhimbrelMembers<{
  readonly size: number;
  append(name: string, value: string): void;
  delete(name: string, value?: string): void;
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string, value?: string): boolean;
  set(name: string, value: string): void;
  sort(): void;
  toString(): string;
  forEach(callback: (value: string, key: string, parent: URLSearchParams) => void, self?: any): void;
  keys(): IterableIterator<string>;
  values(): IterableIterator<string>;
  entries(): IterableIterator<[string, string]>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
}> {}
declare var URLSearchParams: typeof globalThis extends { onmessage: any; URLSearchParams: infer Theirs } ? Theirs : {
  new (init?: string | Record<string, string> | Iterable<[string, string]>): URLSearchParams;
  readonly prototype: URLSearchParams;
};
interface URL extends WhimbrelMembers<{
  href: string; readonly origin: string; protocol: string; username: string; password: string; host: string; hostname: string;
  port: string; pathname: string; search: string; hash: string; readonly searchParams: URLSearchParams;
  toString(): string; toJSON(): string;
}> {}
declare var URL: typeof globalThis extends { onmessage: any; URL: infer Theirs } ? Theirs : {
  new (url: string | URL, base?: string | URL): URL;
  canParse(url: string | URL, base?: string | URL): boolean;
  readonly prototype: URL;
};

// ---- events, signals, random values, time

interface Event extends WhimbrelMembers<{
  readonly type: string;
  readonly defaultPrevented: boolean;
  preventDefault(): void;
  readonly target: any;
}> {}
declare var Event: typeof globalThis extends { onmessage: any; Event: infer Theirs } ? Theirs : {
  new (type: string, options?: any): Event;
  readonly prototype: Event;
};
interface EventTarget extends WhimbrelMembers<{
  addEventListener(type: string, listener: any, options?: any): void;
  removeEventListener(type: string, listener: any, options?: any): void;
  dispatchEvent(event: Event): boolean;
}> {}
declare var EventTarget: typeof globalThis extends { onmessage: any; EventTarget: infer Theirs } ? Theirs : {
  new (): EventTarget;
  readonly prototype: EventTarget;
};
interface AbortSignal extends WhimbrelMembers<EventTarget & {
  readonly aborted: boolean;
  readonly reason: any;
  onabort: any;
  throwIfAborted(): void;
}> {}
declare var AbortSignal: typeof globalThis extends { onmessage: any; AbortSignal: infer Theirs } ? Theirs : {
  abort(reason?: any): AbortSignal;
  timeout(milliseconds: number): AbortSignal;
  any(signals: AbortSignal[]): AbortSignal;
  readonly prototype: AbortSignal;
};
interface AbortController extends WhimbrelMembers<{ readonly signal: AbortSignal; abort(reason?: any): void }> {}
declare var AbortController: typeof globalThis extends { onmessage: any; AbortController: infer Theirs } ? Theirs : {
  new (): AbortController;
  readonly prototype: AbortController;
};
declare var crypto: typeof globalThis extends { onmessage: any; crypto: infer Theirs } ? Theirs : {
  randomUUID(): string;
  getRandomValues<T extends ArrayBufferView>(array: T): T;
  readonly subtle: any;
};
declare var performance: typeof globalThis extends { onmessage: any; performance: infer Theirs } ? Theirs : {
  now(): number;
  readonly timeOrigin: number;
  mark(name: string, options?: any): any;
  measure(name: string, ...rest: any[]): any;
};

// ---- built-in modules
//
// `events` and `stream` have types because those of the driver are made of them.

declare module 'events' {
  class EventEmitter {
    static defaultMaxListeners: number;
    constructor(options?: any);
    on(event: string | symbol, listener: (...args: any[]) => void): this;
    once(event: string | symbol, listener: (...args: any[]) => void): this;
    off(event: string | symbol, listener: (...args: any[]) => void): this;
    addListener(event: string | symbol, listener: (...args: any[]) => void): this;
    removeListener(event: string | symbol, listener: (...args: any[]) => void): this;
    prependListener(event: string | symbol, listener: (...args: any[]) => void): this;
    prependOnceListener(event: string | symbol, listener: (...args: any[]) => void): this;
    removeAllListeners(event?: string | symbol): this;
    emit(event: string | symbol, ...args: any[]): boolean;
    eventNames(): (string | symbol)[];
    listeners(event: string | symbol): Function[];
    rawListeners(event: string | symbol): Function[];
    listenerCount(event: string | symbol): number;
    setMaxListeners(count: number): this;
    getMaxListeners(): number;
  }
  namespace EventEmitter {
    export { EventEmitter };
    export const once: any;
    export const on: any;
    export const addAbortListener: any;
    export const getEventListeners: any;
    export const getMaxListeners: any;
    export const setMaxListeners: any;
    export const listenerCount: any;
    export const errorMonitor: symbol;
    export const captureRejectionSymbol: symbol;
  }
  export = EventEmitter;
}
declare module 'stream' {
  import EventEmitter = require('events');
  class Stream extends EventEmitter {
    pipe<Target>(target: Target, options?: { end?: boolean }): Target;
  }
  namespace Stream {
    export { Stream };
    export class Readable extends Stream {
      constructor(options?: any);
      static from(items: any, options?: any): Readable;
      readonly destroyed: boolean;
      readonly readable: boolean;
      read(size?: number): any;
      push(chunk: any, encoding?: string): boolean;
      pause(): this;
      resume(): this;
      setEncoding(encoding: string): this;
      destroy(error?: Error): this;
      [Symbol.asyncIterator](): AsyncIterableIterator<any>;
      // Helpers such as `map`, `filter`, `toArray`, and what a class of one's own defines.
      [member: string]: any;
    }
    export class Writable extends Stream {
      constructor(options?: any);
      readonly destroyed: boolean;
      readonly writable: boolean;
      write(chunk: any, ...rest: any[]): boolean;
      end(...args: any[]): this;
      destroy(error?: Error): this;
      [member: string]: any;
    }
    export class Duplex extends Readable {}
    export class Transform extends Duplex {}
    export class PassThrough extends Transform {}
    export const pipeline: any;
    export const finished: any;
    export const addAbortSignal: any;
    export const promises: any;
  }
  export = Stream;
}
declare module 'assert';
declare module 'node:assert';
declare module 'assert/strict';
declare module 'node:assert/strict';
declare module 'async_hooks';
declare module 'node:async_hooks';
declare module 'buffer';
declare module 'node:buffer';
declare module 'console';
declare module 'node:console';
declare module 'crypto';
declare module 'node:crypto';
declare module 'fs';
declare module 'node:fs';
declare module 'fs/promises';
declare module 'node:fs/promises';
declare module 'module';
declare module 'node:module';
declare module 'os';
declare module 'node:os';
declare module 'path';
declare module 'node:path';
declare module 'path/posix';
declare module 'node:path/posix';
declare module 'path/win32';
declare module 'node:path/win32';
declare module 'perf_hooks';
declare module 'node:perf_hooks';
declare module 'process';
declare module 'node:process';
declare module 'querystring';
declare module 'node:querystring';
declare module 'readline';
declare module 'node:readline';
declare module 'readline/promises';
declare module 'node:readline/promises';
declare module 'stream/promises';
declare module 'node:stream/promises';
declare module 'string_decoder';
declare module 'node:string_decoder';
declare module 'timers';
declare module 'node:timers';
declare module 'timers/promises';
declare module 'node:timers/promises';
declare module 'tty';
declare module 'node:tty';
declare module 'url';
declare module 'node:url';
declare module 'util';
declare module 'node:util';
declare module 'util/types';
declare module 'node:util/types';
declare module 'node:events' { import EventEmitter = require('events'); export = EventEmitter }
declare module 'node:stream' { import Stream = require('stream'); export = Stream }

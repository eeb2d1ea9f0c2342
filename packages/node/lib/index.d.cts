import { EventEmitter } from 'node:events';
import type { Db, MongoClient } from 'mongodb';

/** A number of milliseconds, or text such as `"30s"`, `"2m"`, `"500ms"`. */
export type Duration = number | string;

/** Hears what happens; `console` and pino are some. */
export interface Logger {
  debug?(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** What a client of the official driver has, of whichever version. */
export interface ClientLike {
  db(name?: string): unknown;
  startSession(...args: any[]): unknown;
}

/** What a connection of mongoose has. */
export interface ConnectionLike {
  readonly readyState: number;
  getClient(): unknown;
}

/**
 * What a migrator is made with. Everything has a default: `new Migrator()` takes `whimbrel.toml`, `.env` and the environment,
 * as the command line does; options go before them.
 */
export interface MigratorOptions {
  /** Connection string, `mongodb://` or `mongodb+srv://`. By default `WHIMBREL_URI`, else `MONGODB_URI`. It is never shown. */
  uri?: string;
  /** The database to migrate. By default the one in the path of the connection string. */
  database?: string;
  /** The folder with the migration files, relative to the folder the process runs in. By default `migrations/scripts`. */
  directory?: string;
  /** Collection of the history; audit trail and lock are `NAME_log` and `NAME_lock`. By default `migrations`. */
  collection?: string;
  /**
   * The application's own client. Then migrations run in this process, with its driver, and `db` and `client` are its
   * objects; the engine plans, locks and records over a connection of its own to the same place. It stays open.
   *
   * Operations through the `db` and `client` that a migration is given are fenced: none is sent once the lock is lost. What a
   * migration sends past them (a model of mongoose, another client) is too with the driver's version 6 and newer, and is not in the audit trail.
   */
  client?: ClientLike;
  /** The same with a connection of mongoose, or mongoose itself. */
  connection?: ConnectionLike | { readonly connection: ConnectionLike };
  /** The configuration file. By default the nearest `whimbrel.toml`. */
  config?: string;
  /** Hears what runs do, in sentences. By default nobody does; of an `AutoMigrator`, `console`. `false` for none. */
  logger?: Logger | false;
  /** How long the lock outlives a process that died, at least 1 s. By default 30 s. */
  lockTtl?: Duration;
  /** How long to wait for a lock that another process holds. By default 60 s; at a start, as long as the holder is alive. */
  lockWait?: Duration;
  /** Limit for each migration. By default none. */
  timeout?: Duration | null;
  /** Limit for a whole run. By default none. */
  runTimeout?: Duration | null;
  /** How long a stopped run waits for the operation in flight. By default 10 s. */
  grace?: Duration;
  /** How long opening one connection may take. By default what the connection string says, else 10 s. */
  connectTimeout?: Duration;
  /** How long to look for a server. By default what the connection string says, else 15 s. */
  serverSelectionTimeout?: Duration;
  /** How long the audit trail keeps its entries. By default for ever. */
  logRetention?: Duration | null;
  /** Whether the audit trail shows filters with their values. By default `"redacted"`: without. */
  logFilters?: 'redacted' | 'recorded';
  /** Whether migrations that do not say run in a transaction. By default `false`. */
  transaction?: boolean;
  /** Whether an operation that a migration does not await fails it. By default `false`: it is a warning. */
  strictAwait?: boolean;
  /** What to do with a pending migration older than an applied one. By default `"warn"`. */
  outOfOrder?: 'run' | 'warn' | 'refuse';
  /** What to do when an applied migration's file was changed. By default `"refuse"`. */
  onModified?: 'refuse' | 'warn' | 'rerun';
  /** What to do with a migration that was cut off outside a transaction. By default `"retry"`. */
  onInterrupted?: 'retry' | 'stop';
  /** What to do when the database has migrations that came after all that are here. By default `"warn"`. */
  newerDatabase?: 'allow' | 'warn' | 'refuse';
  /** Imported files that may change without an applied migration counting as modified. By default none. */
  checksumIgnore?: string | readonly string[];
  /**
   * Where migrations run that do not say: in Whimbrel itself, in a Node.js process of their own, or there where what they import needs
   * it. By default `"embedded"`; with `client` or `connection`, in this process.
   */
  runtime?: 'embedded' | 'node' | 'auto';
  /** The Node.js of migrations in a process of their own. By default the one that runs this. */
  nodeProgram?: string;
  /** Whether mongoose is connected for migrations in a process of their own. By default `false`. */
  nodeMongoose?: boolean;
  /** What becomes of calls that newer drivers have no more. By default `"auto"`: they work, and are told once. */
  javascriptLegacy?: 'auto' | 'true' | 'false' | boolean;
  /** What migrations in Whimbrel itself may read besides the project folder. By default nothing. */
  permissionsRead?: string | readonly string[];
  /** What migrations in Whimbrel itself may write. By default nothing. */
  permissionsWrite?: string | readonly string[];
  /** Whether migrations see the environment. By default `true`. */
  permissionsEnv?: boolean;
}

/** Which migrations; at most one of them. */
export interface Selection {
  /** The first so many; of a rollback, the last so many. */
  count?: number;
  /** Up to and with this one, by name, stem or version; of a rollback, what was applied after it. */
  to?: string;
  /** Only these, by name, stem or version. */
  names?: readonly string[];
}

export interface RunOptions extends Selection {
  /** Runs again what is applied: all of it, or these. By default `false`. */
  force?: boolean | readonly string[];
  /**
   * Whether the run ends at the first failure. By default `true`, and the call rejects; with `false` it goes on with the rest, and gives a
   * result with `success: false`.
   */
  stopOnError?: boolean;
  /** How long to wait for a lock that another process holds. By default as the migrator was made. */
  lockWait?: Duration;
  /** Stops the run: after the operation in flight it records how far it came, gives the lock back, and rejects with `INTERRUPTED`. */
  signal?: AbortSignal;
}

export interface RollbackOptions extends Selection {
  /** Everything that is applied. By default `false`. */
  all?: boolean;
  /** Which text rolls a migration back whose file was changed or is gone. By default that is refused. */
  from?: 'file' | 'history';
  /** As for `runMigrations`. */
  stopOnError?: boolean;
  /** As for `runMigrations`. */
  lockWait?: Duration;
  /** As for `runMigrations`. */
  signal?: AbortSignal;
}

/** A migration that a run executed. */
export interface ExecutedMigration {
  name: string;
  direction: 'up' | 'rollback';
  status: 'completed' | 'failed';
  /** In milliseconds; `null` of one that failed. */
  executionTime: number | null;
  error: string | null;
}

/** What a run did. */
export interface RunResult {
  /** Nothing failed. */
  success: boolean;
  runId: string;
  migrationsRun: number;
  /** Applied before. */
  migrationsSkipped: number;
  migrationsFailed: number;
  /** Planned, and not begun because of a failure. */
  migrationsNotStarted: number;
  migrations: ExecutedMigration[];
  /** Names of what was applied before. */
  skipped: string[];
  /** Names of what was not begun. */
  notStarted: string[];
}

/** How a server's start went. */
export interface StartupResult extends RunResult {
  /** `migratedElsewhere`: another process did it, and this one waited. */
  outcome: 'upToDate' | 'migrated' | 'migratedElsewhere';
  /** How long another process was waited for, in milliseconds. */
  waited: number | null;
  /** Applied migrations that came after all that are here: this release is older than the database. */
  newer: string[];
  /** How long all of it took, in milliseconds. */
  duration: number;
}

/** Something a person should know. */
export interface Finding {
  /** A stable name, such as `MIGRATION_MODIFIED`. */
  code: string;
  severity: 'note' | 'warning' | 'refusal';
  names: string[];
  message: string;
  hint: string | null;
}

/** The lock, as it stands in the database. */
export interface LockStatus {
  owner: string | null;
  fence: number;
  command: string;
  acquiredAt: Date;
  renewedAt: Date;
  expiresAt: Date;
}

/** Where one migration stands. */
export interface MigrationStatus {
  name: string;
  version: string;
  description: string | null;
  /** As stored. */
  status: 'pending' | 'running' | 'completed' | 'failed';
  /** As it is meant, such as `applied`, `modified`, `missing` or `interrupted`. */
  state: string;
  appliedAt: Date | null;
  /** In milliseconds. */
  executionTime: number | null;
  checksum: string | null;
  error: string | null;
  /** It was rolled back, and is pending again. */
  rollback: boolean;
}

/** Where all of them stand. */
export interface StatusReport {
  total: number;
  applied: number;
  pending: number;
  failed: number;
  migrations: MigrationStatus[];
  findings: Finding[];
  lock: LockStatus | null;
}

/** Whether files and history agree. */
export interface VerifyReport {
  ok: boolean;
  total: number;
  applied: number;
  pending: number;
  findings: Finding[];
}

/** What happens in a run; the same as a line of `whimbrel up --json`. */
export interface MigratorEvent {
  event:
    | 'planned' | 'found' | 'lockWaiting' | 'lockTakenOver' | 'lockOutlasting' | 'wasInterrupted' | 'alreadyApplied' | 'started'
    | 'output' | 'logged' | 'progress' | 'retrying' | 'completed' | 'warned' | 'failed';
  /** The migration it is about, where it is about one. */
  name?: string;
  [field: string]: any;
}

/**
 * Applies and rolls back the migrations of one database, and says where they stand.
 *
 *     const migrator = new Migrator({ uri: 'mongodb://localhost:27017/app' });
 *     const { migrationsRun } = await migrator.runMigrations();
 *     await migrator.close();
 *
 * It connects on first use. Runs of one migrator are done one after another; those of several, in this process or in others, are kept
 * apart by the lock in the database. The event loop is never blocked, and a migrator that is idle keeps no process alive.
 *
 * It is an `EventEmitter`: each event is emitted as `event`, and under its own name.
 */
export class Migrator extends EventEmitter {
  /** @throws {WhimbrelError} where an option is unknown or cannot be used. */
  constructor(options?: MigratorOptions);

  /**
   * Applies what is due. With nothing to do that is one query.
   *
   * @throws {WhimbrelError} where a migration failed, something is to be settled first, or the lock is held; `report` has what was
   * applied before it.
   */
  runMigrations(options?: RunOptions): Promise<RunResult>;

  /**
   * Rolls back the last `count`, latest applied first.
   *
   * @throws {WhimbrelError} as `runMigrations`.
   */
  rollbackMigrations(count?: number, options?: RollbackOptions): Promise<RunResult>;
  rollbackMigrations(options: RollbackOptions): Promise<RunResult>;

  /** Where every migration stands. Reads only. */
  getMigrationStatus(): Promise<StatusReport>;

  /** Whether files and history agree. Reads only. */
  verify(): Promise<VerifyReport>;

  /** Marks migrations as applied without running them, for a database that has what they do. `to` is the last one. */
  baseline(options?: { to?: string; reason?: string }): Promise<{ marked: string[] }>;

  /** Writes the next numbered file. `timestamp`: the version is the time and no number. */
  createMigration(name: string, description?: string, options?: { timestamp?: boolean }): Promise<{ name: string; path: string }>;

  /** What runs tell from now on, until the migrator is closed or the loop is left. */
  events(options?: { signal?: AbortSignal }): AsyncGenerator<MigratorEvent, void, undefined>;

  /** Stops what runs, in order, and closes the connections. A client of the application stays open. Later calls reject with `MIGRATOR_CLOSED`. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface StartupOptions {
  /** Whether the process ends when migrations cannot be applied, with the report on standard error. By default `false`: the call rejects. */
  exitOnError?: boolean;
  /** How long to wait while another replica migrates. By default as long as it is alive: a migration may take hours. */
  lockWait?: Duration;
  /** Limit for the whole start. By default none. */
  timeout?: Duration;
  /** Stops it, as for `runMigrations`. */
  signal?: AbortSignal;
  /**
   * Whether SIGINT and SIGTERM stop it in order while it runs, after which they do what they always did. By default as
   * `exitOnError`.
   */
  handleSignals?: boolean;
}

/**
 * Applies migrations when a server starts, however many replicas of it start at the same moment.
 *
 *     await new AutoMigrator().runOnStartup({ exitOnError: true });
 *     app.listen(3000);
 */
export class AutoMigrator {
  /** @throws {WhimbrelError} where an option is unknown or cannot be used. */
  constructor(options?: MigratorOptions);

  /** The migrator, for its events and everything else. */
  readonly migrator: Migrator;

  /** Applies everything that is due, or waits for who does. */
  runOnStartup(options?: StartupOptions): Promise<StartupResult>;

  /** Whether everything is applied, and files and history agree. Reads only. */
  checkMigrationStatus(): Promise<{ upToDate: boolean; total: number; applied: number; pending: number; failed: number }>;

  /** Where every migration stands. Reads only. */
  getDetailedStatus(): Promise<StatusReport>;

  /** As `Migrator.close`. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Every error of this package. */
export class WhimbrelError extends Error {
  /** A stable name, such as `MIGRATION_FAILED`, `LOCK_HELD` or `OPTION_INVALID`; the documentation has an entry for each. */
  readonly code: string;
  /** What it was caused by, where that is known: of a migration that failed in this process, what was thrown. */
  readonly cause?: unknown;
  /** The next steps for a person, a line each. */
  readonly hint?: string;
  /** What the command line ends with for it. */
  readonly exitCode: number;
  /** What a run did before it. */
  readonly report?: RunResult;
  /** The error with its causes and the next steps, a line each, as the command line shows it. */
  explain(): string;
}

/**
 * Writes an entry to the log and the audit trail, from inside a migration. Elsewhere, as in a test of one, it does nothing.
 *
 *     log('info', 'backfill', { collection: 'users' });
 */
export function log(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields?: Record<string, unknown> | Error): void;

/**
 * Tells how far a migration is, in units of its own, from inside it. Elsewhere it does nothing.
 *
 *     progress(500, 2000);   // 500 of 2000
 */
export function progress(done: number | bigint, total?: number | bigint | null): void;

/** The function that applies a migration. */
export type Up = (db: Db, client: MongoClient) => Promise<any> | void;

/** The function that takes a migration back. */
export type Rollback = (db: Db, client: MongoClient) => Promise<any> | void;

/** A migration that is exported as one object. */
export interface Migration {
  up: Up;
  /** Takes the migration back. */
  rollback?: Rollback;
  /** The same as `rollback`. */
  down?: Rollback;
  /** Runs the function in one transaction, together with what is recorded of it. */
  transaction?: boolean;
}

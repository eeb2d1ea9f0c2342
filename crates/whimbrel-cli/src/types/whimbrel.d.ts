// What a migration can import from 'whimbrel', and the types of what it exports, for editors and `tsc`.
//
// Written by `whimbrel types`.

declare module 'whimbrel' {
  import { Db, MongoClient } from 'mongodb';

  /**
   * Writes an entry to the terminal, the JSON output and the audit trail.
   *
   *     log('info', 'backfill', { collection: 'users' });
   */
  export function log(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields?: Record<string, unknown>): void;

  /**
   * Tells how far the migration is, in units of its own.
   *
   *     progress(500, 2000);   // 500 of 2000
   */
  export function progress(done: number | bigint, total?: number | bigint | null): void;

  /**
   * The function that applies a migration. In JavaScript, the comment above it says `@type {import('whimbrel').Up}`.
   *
   *     export default async function up(db) {
   *       await db.collection('users').updateMany({ theme: { $exists: false } }, { $set: { theme: 'system' } });
   *     }
   */
  export type Up = (db: Db, client: MongoClient) => Promise<any> | void;

  /**
   * The function that takes a migration back. In JavaScript, the comment above it says `@type {import('whimbrel').Rollback}`.
   *
   *     export async function rollback(db) {
   *       await db.collection('users').updateMany({}, { $unset: { theme: '' } });
   *     }
   */
  export type Rollback = (db: Db, client: MongoClient) => Promise<any> | void;

  /**
   * A migration that is exported as one object. In JavaScript, the comment above it says `@type {import('whimbrel').Migration}`.
   *
   *     module.exports = {
   *       async up(db, client) { … },
   *       async rollback(db, client) { … },
   *     };
   */
  export interface Migration {
    up: Up;
    /** Takes the migration back. */
    rollback?: Rollback;
    /** The same as `rollback`. */
    down?: Rollback;
    /** Runs the function in one transaction, together with what is recorded of it. */
    transaction?: boolean;
  }

  // Only what says `export` is offered.
  export {};
}

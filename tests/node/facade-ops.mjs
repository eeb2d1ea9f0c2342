// The operations that Rust gives the façade, made of the official driver.
//
// Values cross as they do in Rust: what the façade hands over is converted to BSON at once, and what comes back is made of
// the façade's own BSON classes.

import { randomBytes } from 'node:crypto';
import { deserialize, serialize } from 'bson';
import { MongoDriverError, MongoNetworkError, MongoServerError, MongoServerSelectionError, MongoTransactionError, MongoWriteConcernError } from 'mongodb';
import * as types from '../../crates/whimbrel-script/js/bson/index.js';

export const FLAGS = {
  ignoreUndefined: 1, serializeFunctions: 2, keepLongs: 4, keepValues: 8, useBigInt64: 16, promoteBuffers: 32, bsonRegExp: 64, raw: 128, checkKeys: 256, looseUtf8: 512,
};

const has = (flags, name) => ((flags ?? 0) & FLAGS[name]) !== 0;

function toBytes(value, flags) {
  return serialize(value, {
    checkKeys: has(flags, 'checkKeys'), serializeFunctions: has(flags, 'serializeFunctions'), ignoreUndefined: has(flags, 'ignoreUndefined'),
  });
}

/** What the server is sent: every type as it is in the bytes. */
function toWire(value, flags) {
  return deserialize(toBytes(value, flags), { promoteValues: false, bsonRegExp: true });
}

function fromBytes(bytes, flags) {
  return toOurs(deserialize(bytes, {
    promoteLongs: !has(flags, 'keepLongs'), promoteValues: !has(flags, 'keepValues'), useBigInt64: has(flags, 'useBigInt64'),
    promoteBuffers: has(flags, 'promoteBuffers'), bsonRegExp: has(flags, 'bsonRegExp'), validation: { utf8: !has(flags, 'looseUtf8') },
  }));
}

const MAKE = {
  ObjectId: v => new types.ObjectId(v.toHexString()),
  Long: v => new types.Long(v.low, v.high, v.unsigned),
  Timestamp: v => types.Timestamp.fromBits(v.low, v.high),
  Double: v => new types.Double(v.value),
  Int32: v => new types.Int32(v.value),
  Decimal128: v => new types.Decimal128(v.bytes),
  Binary: v => (v.sub_type === 4 ? new types.UUID(v.buffer) : new types.Binary(v.value(), v.sub_type)),
  BSONRegExp: v => new types.BSONRegExp(v.pattern, v.options),
  BSONSymbol: v => new types.BSONSymbol(v.value),
  Code: v => new types.Code(v.code, toOurs(v.scope)),
  DBRef: v => new types.DBRef(v.collection, toOurs(v.oid), v.db, toOurs(v.fields)),
  MinKey: () => new types.MinKey(),
  MaxKey: () => new types.MaxKey(),
};

/** The same value made of the façade's classes. */
export function toOurs(value) {
  if (value === null || typeof value !== 'object') return value;
  if (typeof value._bsontype === 'string') return MAKE[value._bsontype](value);
  if (Array.isArray(value)) return value.map(toOurs);
  if (ArrayBuffer.isView(value) || value instanceof Date || value instanceof RegExp) return value;
  const copy = {};
  for (const [key, inner] of Object.entries(value)) Object.defineProperty(copy, key, { value: toOurs(inner), writable: true, enumerable: true, configurable: true });
  return copy;
}

/** A reply as Rust makes it of the server's bytes; with `raw`, documents stay bytes. */
function replyOf(bytes, flags) {
  return fromBytes(bytes, flags);
}

function reportOf(error) {
  const report = { whimbrelKind: 'other', message: error.message, labels: [...(error.errorLabels ?? [])] };
  if (error instanceof MongoServerError) {
    Object.assign(report, { whimbrelKind: 'server', code: error.code, codeName: error.codeName, reply: fromBytes(serialize(error.errorResponse), 0) });
  } else if (error instanceof MongoServerSelectionError) report.whimbrelKind = 'selection';
  else if (error instanceof MongoNetworkError) report.whimbrelKind = 'network';
  else if (error instanceof MongoTransactionError) report.whimbrelKind = 'transaction';
  else if (error instanceof MongoDriverError) report.whimbrelKind = 'other';
  else return error;
  return report;
}

export function makeOps(client, print) {
  const cursors = new Map();
  const sessions = new Map();
  let handles = 0;

  const sessionOf = handle => {
    if (handle === null || handle === undefined) return undefined;
    const entry = sessions.get(handle);
    if (!entry) throw Object.assign(new Error('Cannot use a session that has ended'), { name: 'Unknown' });
    if (entry.begin) {
      entry.session.startTransaction(entry.begin);
      entry.begin = null;
    }
    return entry.session;
  };

  // Operations of one session go one after the other, as in Rust.
  const last = new WeakMap();
  const run = (database, wire, session) => {
    if (!session) return runNow(database, wire, session);
    const turn = (last.get(session) ?? Promise.resolve()).then(() => runNow(database, wire, session));
    last.set(session, turn.catch(() => {}));
    return turn;
  };

  const runNow = async (database, wire, session) => {
    const clean = { ...wire };
    // A transaction has its own concerns: Rust takes them off as well.
    if (session?.inTransaction()) {
      delete clean.readConcern;
      delete clean.writeConcern;
    }
    try {
      return await client.db(database).command(clean, { session, promoteValues: false, bsonRegExp: true });
    } catch (error) {
      if (error instanceof MongoWriteConcernError) return error.result;
      throw reportOf(error);
    }
  };

  const asReply = (reply, flags) => replyOf(serialize(reply), flags);
  const documentsOf = (list, flags) => (has(flags, 'raw')
    ? list.map(document => new Uint8Array(serialize(document)))
    : list.map(document => asReply(document, flags)));

  return {
    async command(database, command, kind, session, flags) {
      const wire = toWire(command, flags);
      return asReply(await run(database, wire, sessionOf(session)), flags);
    },

    async open(database, command, batchSize, kind, session, flags) {
      const wire = toWire(command, flags);
      const own = session === null || session === undefined ? client.startSession() : null;
      const used = own ?? sessionOf(session);
      let reply;
      try {
        reply = await run(database, wire, used);
      } catch (error) {
        await own?.endSession();
        throw error;
      }
      const { cursor } = reply;
      if (!cursor) throw { whimbrelKind: 'response', message: 'invalid cursor reply', labels: [] };
      const handle = ++handles;
      const done = cursor.id.isZero();
      if (done) await own?.endSession();
      else {
        const [db, ...rest] = cursor.ns.split('.');
        cursors.set(handle, { id: cursor.id, db, collection: rest.join('.'), own, used, batchSize, flags });
      }
      return { handle: done ? 0 : handle, id: cursor.id.toString(), documents: documentsOf(cursor.firstBatch, flags), done };
    },

    async next(handle) {
      const entry = cursors.get(handle);
      if (!entry) throw { whimbrelKind: 'argument', message: 'the cursor is closed', labels: [] };
      const more = { getMore: entry.id, collection: entry.collection };
      if (entry.batchSize) more.batchSize = entry.batchSize;
      let reply;
      try {
        reply = await run(entry.db, more, entry.used);
      } catch (error) {
        cursors.delete(handle);
        throw error;
      }
      const done = reply.cursor.id.isZero();
      if (done) {
        cursors.delete(handle);
        await entry.own?.endSession();
      }
      return { handle: done ? 0 : handle, id: reply.cursor.id.toString(), documents: documentsOf(reply.cursor.nextBatch, entry.flags), done };
    },

    async close(handle) {
      const entry = cursors.get(handle);
      cursors.delete(handle);
      if (!entry) return;
      await run(entry.db, { killCursors: entry.collection, cursors: [entry.id] }, entry.used).catch(() => {});
      await entry.own?.endSession();
    },

    async write(database, command, field, statements, ordered, session, flags) {
      const base = toWire(command, flags);
      const wires = statements.map(statement => toWire(statement, flags));
      const [[name, target], ...others] = Object.entries(base);
      const [first, rest] = [{ [name]: target }, Object.fromEntries(others)];
      const replies = [];
      for (let offset = 0; offset < wires.length;) {
        const part = [];
        for (let bytes = 0; offset + part.length < wires.length && part.length < 100_000; part.push(wires[offset + part.length])) {
          bytes += serialize(wires[offset + part.length]).length;
          if (part.length > 0 && bytes > 16 * 1024 * 1024 - 16 * 1024) break;
        }
        const reply = asReply(await run(database, { ...first, [field]: part, ...rest }, sessionOf(session)), flags);
        replies.push({ offset, reply });
        if (ordered && reply.writeErrors) break;
        offset += part.length;
      }
      return replies;
    },

    sessionStart(options) {
      const handle = ++handles;
      sessions.set(handle, { session: client.startSession(options), begin: null });
      return handle;
    },
    sessionBegin(handle, options) { sessions.get(handle).begin = options ?? {}; },
    async sessionCommit(handle) {
      const entry = sessions.get(handle);
      if (entry.begin) { entry.begin = null; return; }
      await entry.session.commitTransaction().catch(error => { throw reportOf(error); });
    },
    async sessionAbort(handle) {
      const entry = sessions.get(handle);
      if (entry.begin) { entry.begin = null; return; }
      await entry.session.abortTransaction().catch(error => { throw reportOf(error); });
    },
    async sessionEnd(handle) {
      const entry = sessions.get(handle);
      sessions.delete(handle);
      if (entry) await entry.session.endSession();
    },
    sessionInfo(handle) {
      const { session } = sessions.get(handle);
      const { clusterTime, operationTime } = session;
      return { id: toOurs(session.serverSession.id), clusterTime: toOurs(clusterTime), operationTime: toOurs(operationTime) };
    },

    serialize: (value, flags) => new Uint8Array(toBytes(value, flags)),
    deserialize: (bytes, flags) => fromBytes(bytes, flags),
    print: (level, text) => print(`${level}: ${text}`),
    random: count => new Uint8Array(randomBytes(count)),
  };
}

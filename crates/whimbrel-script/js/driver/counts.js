// Counting, and `distinct`.

import { refuseExplain, send, tail } from './command.js';
import { AggregationCursor } from './cursor/aggregation.js';
import { flagsOf, inDatabase, resolve, writeFlagsOf } from './options.js';
import { SCOPE } from './symbols.js';

export async function countDocuments(collection, filter, given) {
  const { skip, limit, ...options } = { ...given };
  const pipeline = [{ $match: filter }];
  if (typeof skip === 'number') pipeline.push({ $skip: skip });
  if (typeof limit === 'number') pipeline.push({ $limit: limit });
  pipeline.push({ $group: { _id: 1, n: { $sum: 1 } } });
  const cursor = new AggregationCursor(collection[SCOPE], pipeline, options);
  cursor.label = `countDocuments on ${collection.collectionName}`;
  const counted = await cursor.next();
  await cursor.close();
  return counted?.n ?? 0;
}

function read(collection, command, options, name, { flags = flagsOf(options), takesExplain = false } = {}) {
  const label = `${name} on ${collection.collectionName}`;
  return send(inDatabase(collection[SCOPE], options), command, options, { kind: 'read', label, flags, takesExplain });
}

export async function estimatedDocumentCount(collection, given) {
  refuseExplain(given);
  const options = resolve(collection[SCOPE], given);
  const command = { count: collection.collectionName };
  if (typeof options.maxTimeMS === 'number') command.maxTimeMS = options.maxTimeMS;
  if (options.comment !== undefined) command.comment = options.comment;
  const reply = await read(collection, { ...command, ...tail(options, { reads: true }) }, options, 'estimatedDocumentCount', {
    flags: writeFlagsOf(options),
  });
  return reply.n || 0;
}

/** `collection.count` and `cursor.count`. */
export async function count(collection, filter, given) {
  refuseExplain(given);
  const options = resolve(collection[SCOPE], given);
  const command = { count: collection.collectionName, query: filter };
  if (typeof options.limit === 'number') command.limit = options.limit;
  if (typeof options.skip === 'number') command.skip = options.skip;
  if (options.hint != null) command.hint = options.hint;
  if (typeof options.maxTimeMS === 'number') command.maxTimeMS = options.maxTimeMS;
  const sent = { ...command, ...tail(options, { reads: true }) };
  const reply = await read(collection, sent, options, 'count', { flags: writeFlagsOf(options) });
  return reply.n;
}

export async function distinct(collection, key, filter, given) {
  const options = resolve(collection[SCOPE], given);
  const command = { distinct: collection.collectionName, key, query: filter };
  if (options.comment !== undefined) command.comment = options.comment;
  if (options.hint != null) command.hint = options.hint;
  const reply = await read(collection, { ...command, ...tail(options, { reads: true }) }, options, 'distinct', { takesExplain: true });
  return options.explain != null ? reply : reply.values;
}

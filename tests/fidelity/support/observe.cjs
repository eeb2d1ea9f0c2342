// What a case saw, kept in the database so that it is compared like everything else.
//
// `observe(db)` gives `note(label, value)` and `attempt(label, fn)`. Both write one document into the collection
// `_observed`: `{ _id: sequence number, label, text: [lines] }`. The text names types and classes, own enumerable
// keys in their order, BSON content, and of an error everything a script could look at. It is written with plain
// language features only, because the same file runs under Node.js and inside Whimbrel.
//
// Four things are left out on purpose, and nothing else: the values of `$clusterTime`, `operationTime` and `opTime` in
// replies (they are clocks); the value of an ObjectId that was made within the last hour (it is random); UUIDs and
// transaction numbers that a server puts into the text of an error; and the words of an engine's own errors (a
// `TypeError` that the engine throws reads differently in every engine; its class is compared).

'use strict';

const WIDTH = 110;
const HOUR = 3_600_000;
const CLOCKS = new Set(['$clusterTime', 'operationTime', 'opTime']);
// `errorLabelSet` is how the driver keeps what `errorLabels` shows.
const HIDDEN_OF_ERRORS = new Set(['errorLabelSet', 'stack']);
const ENGINE_ERRORS = new Set([
  'TypeError', 'RangeError', 'SyntaxError', 'ReferenceError', 'URIError', 'EvalError', 'InternalError', 'AggregateError',
]);

const hexOf = bytes => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
const numberText = value => (Object.is(value, -0) ? '-0' : String(value));

const GETTERS_OF_ERRORS = [
  'code', 'codeName', 'errorLabels', 'errmsg', 'errInfo', 'insertedCount', 'matchedCount', 'modifiedCount', 'deletedCount',
  'upsertedCount', 'insertedIds', 'upsertedIds', 'cause',
];

/** What each BSON class holds, from its public properties. */
const CONTENT = {
  ObjectId: value => (Math.abs(value.getTimestamp() - Date.now()) < HOUR ? 'made now' : value.toHexString()),
  Long: value => `${value.toString()}${value.unsigned ? ' unsigned' : ''}`,
  Timestamp: value => `${value.getHighBitsUnsigned()}, ${value.getLowBitsUnsigned()}`,
  Double: value => numberText(value.value),
  Int32: value => numberText(value.value),
  Decimal128: value => value.toString(),
  Binary: value => `${value.sub_type}, ${hexOf(value.buffer.subarray(0, value.position))}`,
  BSONRegExp: value => `${JSON.stringify(value.pattern)}, ${JSON.stringify(value.options)}`,
  BSONSymbol: value => JSON.stringify(value.value),
  Code: value => `${JSON.stringify(String(value.code))}, ${compact(value.scope)}`,
  DBRef: value => [JSON.stringify(value.collection), ...[value.oid, value.db, value.fields].map(compact)].join(', '),
  MinKey: () => '',
  MaxKey: () => '',
};

/** A value as a tree: `{ open, close, parts }`, or a string where there is nothing inside. */
function tree(value, seen) {
  switch (typeof value) {
    case 'number': return numberText(value);
    case 'bigint': return `${value}n`;
    case 'string': return JSON.stringify(value);
    case 'function': return 'function';
    case 'object': break;
    default: return String(value);
  }
  if (value === null) return 'null';
  if (seen.includes(value)) return '[circular]';
  const within = [...seen, value];
  if (value instanceof Error) return errorTree(value, within);
  const name = className(value);
  const bsonType = value._bsontype;
  if (typeof bsonType === 'string' && Object.hasOwn(CONTENT, bsonType)) {
    return `${name === bsonType ? name : `${name} (${bsonType})`}(${CONTENT[bsonType](value)})`;
  }
  if (value instanceof Date) return `${name}(${Number.isNaN(value.getTime()) ? 'invalid' : value.toISOString()})`;
  if (value instanceof RegExp) return `${name}(${value.source}, ${JSON.stringify(value.flags)}, lastIndex ${value.lastIndex})`;
  if (value instanceof ArrayBuffer) return `${name}(${hexOf(new Uint8Array(value))})`;
  if (ArrayBuffer.isView(value)) {
    return `${name}(${hexOf(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))})`;
  }
  if (value instanceof Map) {
    const parts = [...value].map(([key, inner]) => labelled(`${compact(key)} => `, tree(inner, within)));
    return { open: `${name}(${value.size}) {`, close: '}', parts };
  }
  if (value instanceof Set) {
    return { open: `${name}(${value.size}) {`, close: '}', parts: [...value].map(inner => tree(inner, within)) };
  }
  if (value instanceof Promise) return name;
  if (Array.isArray(value)) {
    const parts = Array.from(value, (inner, index) => (index in value ? tree(inner, within) : 'hole'));
    const extra = Object.keys(value).filter(key => !/^\d+$/.test(key));
    for (const key of extra) parts.push(labelled(`${keyText(key)}: `, tree(value[key], within)));
    return { open: name === 'Array' ? '[' : `${name} [`, close: ']', parts };
  }
  return { open: name === 'Object' ? '{' : `${name} {`, close: '}', parts: members(value, Object.keys(value), within) };
}

function className(value) {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === null) return 'null prototype';
  const { constructor } = prototype;
  return typeof constructor === 'function' ? constructor.name : 'no constructor';
}

const keyText = key => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key));

const members = (value, keys, seen) => keys.map(key =>
  labelled(`${keyText(key)}: `, CLOCKS.has(key) ? '(a clock)' : tree(value[key], seen)));

const labelled = (label, inner) => (typeof inner === 'string' ? label + inner : { ...inner, open: label + inner.open });

/** `MongoBulkWriteError < MongoServerError < MongoError < Error`, then everything else it tells. */
function errorTree(error, seen) {
  const chain = [];
  for (let at = Object.getPrototypeOf(error); at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    chain.push(at.constructor.name);
  }
  const message = ENGINE_ERRORS.has(chain[0]) ? "(the engine's words)" : JSON.stringify(error.message);
  const parts = [`name: ${JSON.stringify(error.name)}`, `message: ${message}`];
  for (const key of GETTERS_OF_ERRORS) {
    // Own properties follow below, in their order.
    if (error[key] !== undefined && !Object.hasOwn(error, key)) parts.push(labelled(`get ${key}: `, tree(error[key], seen)));
  }
  if (Object.hasOwn(error, 'cause') && !Object.keys(error).includes('cause')) {
    parts.push(labelled('cause: ', tree(error.cause, seen)));
  }
  parts.push(...members(error, Object.keys(error).filter(key => !HIDDEN_OF_ERRORS.has(key)), seen));
  return { open: `error ${chain.join(' < ')} {`, close: '}', parts };
}

function flat(node) {
  if (typeof node === 'string') return node;
  return node.parts.length === 0 ? node.open + node.close : `${node.open} ${node.parts.map(flat).join(', ')} ${node.close}`;
}

function compact(value) {
  return flat(tree(value, []));
}

function linesOf(node, indent, lines) {
  const text = flat(node);
  if (typeof node === 'string' || indent.length + text.length <= WIDTH) {
    lines.push(indent + text);
    return lines;
  }
  lines.push(indent + node.open);
  for (const part of node.parts) linesOf(part, `${indent}  `, lines);
  lines.push(indent + node.close);
  return lines;
}

/** A value as lines of text, the same on every engine. */
function describe(value) {
  return linesOf(tree(value, []), '', []);
}

const withoutChance = line => line
  .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'a-uuid')
  .replace(/txnNumber: \d+/g, 'txnNumber: N');

const counters = new WeakMap();

/** Numbers for the notes of one run; a rollback goes on where `up` ended. */
function counterOf(client, kept) {
  if (!counters.has(client)) counters.set(client, new Map());
  const byNamespace = counters.get(client);
  if (!byNamespace.has(kept.namespace)) {
    byNamespace.set(kept.namespace, { taken: 0, before: kept.estimatedDocumentCount() });
  }
  return byNamespace.get(kept.namespace);
}

function observe(db) {
  // Options of the `db` at hand (such as `ignoreUndefined`) must not touch what is kept.
  const kept = db.client.db(db.databaseName).collection('_observed');

  const keep = async (label, text) => {
    const counter = counterOf(db.client, kept);
    counter.taken += 1;
    const number = counter.taken;
    await kept.insertOne({ _id: (await counter.before) + number, label, text });
  };

  return {
    /** Keeps what a value is. */
    note: (label, value) => keep(label, describe(value)),
    /** Keeps what a function gives, or the error it throws; the value is handed on (undefined after an error). */
    async attempt(label, fn) {
      let value;
      let text;
      try {
        value = await fn();
        text = describe(value);
      } catch (error) {
        text = ['thrown:', ...describe(error).map(withoutChance)];
      }
      await keep(label, text);
      return value;
    },
  };
}

module.exports = { observe, describe, ENGINE_ERRORS };

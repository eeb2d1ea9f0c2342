// Everything a database holds, as `key → lines of text`, so that two of them can be compared by key.
//
// Documents are compared as the bytes the server sends; their text is only made where the bytes differ.

import { BSON, Binary, EJSON } from 'bson';

/** Whimbrel keeps these in the database it migrates. */
const OWN = new Set(['migrations', 'migrations_log', 'migrations_lock']);

const asText = bytes => {
  const document = BSON.deserialize(bytes, { promoteValues: false, bsonRegExp: true });
  const text = EJSON.stringify(document, { relaxed: false }, 1);
  // Deeper than three levels it stays on the line.
  return text.replace(/\n\s*/g, match => (match.length > 4 ? ' ' : match)).split('\n');
};

async function dumpCollection(db, info, entries) {
  const { name, type } = info;
  const { uuid, ...facts } = info.info ?? {};
  entries.set(`collection ${name}`, BSON.serialize({ type, options: info.options, facts, hasUuid: uuid instanceof Binary }));
  if (type === 'view') return;
  for await (const bytes of db.collection(name).find({}, { raw: true }).sort({ _id: 1 })) {
    const { _id, label } = BSON.deserialize(bytes);
    const key = name === '_observed' ? `note ${label}` : `document ${name} ${EJSON.stringify(_id)}`;
    let unique = key;
    for (let n = 2; entries.has(unique); n += 1) unique = `${key} (${n})`;
    entries.set(unique, bytes);
  }
  if (type === 'timeseries') return;
  for (const index of await db.collection(name).listIndexes().toArray()) {
    entries.set(`index ${name} ${index.name}`, BSON.serialize(index));
  }
}

/** `database` and the databases that a case made beside it, `DATABASE_…`. */
export async function databasesOf(client, database) {
  const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
  return databases.map(({ name }) => name).filter(name => name === database || name.startsWith(`${database}_`));
}

/** Dumps all of them. */
export async function dump(client, database) {
  const entries = new Map();
  for (const name of await databasesOf(client, database)) {
    const db = client.db(name);
    const infos = await db.listCollections().toArray();
    const inside = new Map();
    for (const info of infos) {
      if (OWN.has(info.name) && name === database) continue;
      if (!info.name.startsWith('system.')) await dumpCollection(db, info, inside);
    }
    const prefix = name === database ? '' : `${name.slice(database.length)}: `;
    for (const [key, bytes] of inside) entries.set(prefix + key, bytes);
  }
  return entries;
}

/** The differences of two dumps as `{ what, lines }`. */
export function compare(node, whimbrel) {
  const differences = [];
  for (const key of new Set([...node.keys(), ...whimbrel.keys()])) {
    const left = node.get(key);
    const right = whimbrel.get(key);
    if (left && right && Buffer.compare(left, right) === 0) continue;
    differences.push({ what: key, lines: diff(left ? textOf(left) : [], right ? textOf(right) : []) });
  }
  const order = map => [...map.keys()].filter(key => node.has(key) && whimbrel.has(key));
  if (differences.length === 0 && order(node).join('\n') !== order(whimbrel).join('\n')) {
    differences.push({ what: 'order', lines: diff(order(node), order(whimbrel)) });
  }
  return differences;
}

function textOf(bytes) {
  const { text } = BSON.deserialize(bytes);
  return Array.isArray(text) && text.every(line => typeof line === 'string') ? text : asText(bytes);
}

/** Lines with `-` (Node.js only), `+` (Whimbrel only) or a space, by the longest common subsequence. */
export function diff(left, right) {
  const length = Array.from({ length: left.length + 1 }, () => new Array(right.length + 1).fill(0));
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      length[i][j] = left[i] === right[j] ? length[i + 1][j + 1] + 1 : Math.max(length[i + 1][j], length[i][j + 1]);
    }
  }
  const lines = [];
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      lines.push(`  ${left[i]}`);
      i += 1;
      j += 1;
    } else if (j >= right.length || (i < left.length && length[i + 1][j] >= length[i][j + 1])) {
      lines.push(`- ${left[i]}`);
      i += 1;
    } else {
      lines.push(`+ ${right[j]}`);
      j += 1;
    }
  }
  return lines;
}

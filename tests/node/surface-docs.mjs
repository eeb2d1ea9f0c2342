// Makes `docs/driver.md` of the list in `js/driver/surface.js`.
//
// `surface.test.mjs` fails when the page is not what this makes; `UPDATE_REFERENCE=1 node --test surface.test.mjs` writes it.

import { options, surface } from '../../crates/whimbrel-script/js/driver/surface.js';

const INTRO = `# The driver, member by member

What \`db\`, \`client\` and the module \`mongodb\` offer, compared with the official driver for Node.js, version VERSION. This page is made from
one list in the code, and a test compares that list with the driver's typings and with the engine.

- **supported**: does what the driver does. The same calls are made on both in the tests: results, errors, the commands sent, and what is
  stored are compared.
- **accepted**: may be written, and has no effect, or less than in the driver; the note says which.
- **refused**: throws an error with the code \`ERR_NOT_OFFERED\` that says what to do instead.

How to write migrations with it is in [Writing migrations](migrations.md).

## What differs

- A write with \`writeConcern: { w: 0 }\` is sent as an acknowledged one. Its result is the driver's; errors of the server are not told.
- Operations of one session run one after the other, also under \`Promise.all\`.
- Errors carry the place of the call in your script.
- \`null\` where options belong is taken for none. The driver ends some of these calls with a \`TypeError\`.
- Reads go where the connection string says; \`readPreference\` is checked, and not sent.
- A document of more than 16 MiB is refused when it is sent, not when it is added to a bulk operation.
- Text indexes, collations and so on are the server's: a local server may lack some.

### Calls of older drivers

With the setting \`javascript.legacy\` at \`auto\` (the default) or \`true\`, these work as well, and the first in a script says that it is deprecated: on a collection \`update\`, \`insert\`,
\`remove\`, \`save\`, \`ensureIndex\`, \`dropAllIndexes\`, \`stats\`, \`findAndModify\`, \`findAndRemove\`; on a cursor \`each\` and \`stream({ transform })\`; in a bulk
\`find\`, \`remove\` and \`removeOne\`; a callback as the last argument of any asynchronous method; \`ObjectID\`. With \`true\`, results also have their older
shapes: \`{ value }\` of \`findOneAnd…\`, \`result.n\`, \`ops\`, \`insertedCount\`. With \`false\` none of it is there, as in the current driver.
`;

/** Sections of the page, with the classes of each. */
const SECTIONS = [
  ['The client', ['MongoClient']], ['A database', ['Db', 'Admin']], ['A collection', ['Collection']],
  ['Cursors', ['AbstractCursor', 'FindCursor', 'AggregationCursor', 'ExplainableCursor', 'ListCollectionsCursor', 'ListIndexesCursor', 'RunCommandCursor']],
  ['Bulk operations', ['BulkOperationBase', 'OrderedBulkOperation', 'UnorderedBulkOperation', 'FindOperators', 'BulkWriteResult', 'WriteError', 'WriteConcernError', 'Batch']],
  ['Sessions', ['ClientSession', 'ServerSession']], ['Concerns, preferences, names', ['ReadConcern', 'WriteConcern', 'ReadPreference', 'MongoDBNamespace', 'MongoDBCollectionNamespace']],
  ['Errors', ['MongoError', 'MongoServerError', 'MongoBulkWriteError', 'MongoClientBulkWriteError', 'MongoWriteConcernError', 'MongoSystemError', 'MongoMissingDependencyError', 'MongoCryptAzureKMSRequestError', 'MongoCryptCreateDataKeyError', 'MongoCryptCreateEncryptedCollectionError']],
];

const list = names => names.map(name => `\`${name}\``).join(' ');

/** The rows of one class: plain members together, those with a note each on its own. */
function rows(className) {
  const lines = [];
  const own = surface.filter(entry => entry.class === className);
  for (const support of ['supported', 'accepted', 'refused']) {
    for (const kind of ['method', 'property', 'static']) {
      const some = own.filter(entry => entry.support === support && entry.kind === kind);
      const plain = some.filter(entry => !entry.note).map(entry => entry.member);
      if (plain.length > 0) lines.push(`| ${list(plain)} | ${kind} | ${support} | |`);
      for (const { member, note } of some.filter(entry => entry.note)) lines.push(`| \`${member}\` | ${kind} | ${support} | ${note} |`);
    }
  }
  return lines;
}

function section([title, classes]) {
  const parts = classes.map(className => {
    const heading = classes.length > 1 ? `### ${className}\n\n` : '';
    return `${heading}| member | kind | | note |\n| --- | --- | --- | --- |\n${rows(className).join('\n')}\n`;
  });
  return `## ${title}\n\n${parts.join('\n')}`;
}

function wholeClasses() {
  const byNote = new Map();
  for (const { class: name, support, note = '' } of surface.filter(entry => entry.kind === 'class')) {
    const key = `${support} | ${note}`;
    byNote.set(key, [...byNote.get(key) ?? [], name]);
  }
  const lines = [...byNote].map(([key, names]) => `| ${list(names)} | ${key} |`);
  for (const support of ['supported', 'accepted', 'refused']) {
    const names = surface.filter(entry => entry.kind === 'export' && entry.support === support).map(entry => entry.member);
    lines.push(`| ${list(names)} | ${support} | |`);
  }
  return `## Other classes and constants of \`mongodb\`\n\n| name | | note |\n| --- | --- | --- |\n${lines.join('\n')}\n`;
}

/** Options with a word to say of them; the others are only counted. */
function optionSection() {
  const noted = new Map();
  for (const { option, support, note } of options) if (note) noted.set(option, `| \`${option}\` | ${support} | ${note} |`);
  const names = new Set(options.map(each => each.option));
  const plain = [...names].filter(name => !noted.has(name)).sort();
  return `## Options

The options of all methods above. These ${plain.length} do what they do in the driver: ${list(plain)}. An option that is not known is ignored, except by
\`createCollection\`, which sends it, as the driver does. About the others:

| option | | note |
| --- | --- | --- |
${[...noted.values()].join('\n')}
`;
}

/** The text of `docs/driver.md`. */
export function driverPage(version) {
  return `${INTRO.replace('VERSION', version)}\n${SECTIONS.map(section).join('\n')}\n${optionSection()}\n${wholeClasses()}`;
}

export const documented = new Set(SECTIONS.flatMap(([, classes]) => classes));

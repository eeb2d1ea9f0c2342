// Migration: 005_validate_users
// Description: Let the server check users against a JSON schema
// Created: 2024-03-05

const SCHEMA = {
  bsonType: 'object',
  required: ['email', 'username', 'createdAt'],
  properties: {
    email: { bsonType: 'string', pattern: '^[^@ ]+@[^@ ]+$' },
    username: { bsonType: 'string', minLength: 3, maxLength: 40 },
    createdAt: { bsonType: 'date' },
    locale: { bsonType: 'string' },
    emailVerified: { bsonType: 'bool' },
    roles: { bsonType: 'array', uniqueItems: true, items: { enum: ['member', 'moderator', 'admin'] } },
    preferences: {
      bsonType: ['object', 'null'],
      properties: {
        theme: { enum: ['light', 'dark', 'system'] },
        language: { bsonType: 'string' },
      },
    },
  },
};

// An empty collection whose own validator is the one that users had before: so the old rules are
// kept as they are, with no need to store their `$` operators as fields of a document.
const NOTE = 'before_005';

export default async function up(db) {
  if (!(await optionsOf(db, NOTE))) {
    const before = await optionsOf(db, 'users');
    await db.createCollection(NOTE, validationIn(before));
  }

  const offending = await db.collection('users').countDocuments({ $nor: [{ $jsonSchema: SCHEMA }] });
  if (offending > 0) console.log(`${offending} users do not match the schema`);

  // `moderate`: users that do not match stay editable; new ones, and those that match, must match.
  await db.command({
    collMod: 'users',
    validator: { $jsonSchema: SCHEMA },
    validationLevel: 'moderate',
    validationAction: 'error',
  });
}

export async function rollback(db) {
  const before = await optionsOf(db, NOTE);
  if (!before) return;

  // collMod cannot unset an option: what was not set gets the default, which has the same effect.
  await db.command({
    collMod: 'users',
    validator: {},
    validationLevel: 'strict',
    validationAction: 'error',
    ...validationIn(before),
  });
  await db.collection(NOTE).drop();
}

// The options of a collection; undefined if there is no such collection.
async function optionsOf(db, name) {
  const [collection] = await db.listCollections({ name }).toArray();
  return collection?.options;
}

function validationIn(options) {
  const names = ['validator', 'validationLevel', 'validationAction'];
  return Object.fromEntries(
    names.filter((name) => name in options).map((name) => [name, options[name]]),
  );
}

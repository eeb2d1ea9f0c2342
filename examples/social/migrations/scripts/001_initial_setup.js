// Migration: 001_initial_setup
// Description: Create users, profiles and posts with their indexes
// Created: 2024-01-01

const COLLECTIONS = ['users', 'profiles', 'posts'];

const INDEXES = [
  { collection: 'users', key: { email: 1 }, options: { name: 'email_unique', unique: true } },
  { collection: 'users', key: { username: 1 }, options: { name: 'username_unique', unique: true } },
  { collection: 'profiles', key: { userId: 1 }, options: { name: 'userId_unique', unique: true } },
  { collection: 'posts', key: { author: 1, createdAt: -1 }, options: { name: 'author_createdAt' } },
];

// What this migration found missing, and so is going to create: the only things a rollback may
// remove. Written before anything is created, so that it is right even after a crash half way.
const NOTE = 'before_001';

export default async function up(db) {
  if (!(await db.collection(NOTE).findOne({ _id: 'missing' }))) {
    const missing = { _id: 'missing', collections: [], indexes: [] };
    for (const name of COLLECTIONS) {
      if (!(await exists(db, name))) missing.collections.push(name);
    }
    for (const { collection, options } of INDEXES) {
      const there =
        !missing.collections.includes(collection) &&
        (await db.collection(collection).indexExists(options.name));
      if (!there) missing.indexes.push({ collection, name: options.name });
    }
    await db.collection(NOTE).insertOne(missing);
  }

  for (const name of COLLECTIONS) {
    if (!(await exists(db, name))) {
      await db.createCollection(name);
      console.log(`created collection ${name}`);
    }
  }
  // createIndex does nothing when the same index is already there.
  for (const { collection, key, options } of INDEXES) {
    await db.collection(collection).createIndex(key, options);
  }
}

export async function rollback(db) {
  const missing = await db.collection(NOTE).findOne({ _id: 'missing' });
  if (!missing) return;

  for (const { collection, name } of missing.indexes) {
    if ((await exists(db, collection)) && (await db.collection(collection).indexExists(name))) {
      await db.collection(collection).dropIndex(name);
    }
  }
  // A collection this migration created goes too, unless somebody has put something into it since:
  // a rollback takes back its own work, never other people's data or indexes.
  for (const name of missing.collections) {
    if (!(await exists(db, name))) continue;
    const untouched =
      !(await db.collection(name).findOne({})) && (await db.collection(name).indexes()).length === 1;
    if (untouched) {
      await db.collection(name).drop();
    } else {
      console.log(`kept collection ${name}: it is in use`);
    }
  }
  await db.collection(NOTE).drop();
}

async function exists(db, name) {
  return (await db.listCollections({ name }).toArray()).length > 0;
}

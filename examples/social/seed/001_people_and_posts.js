// Migration: 001_people_and_posts
// Description: Fill the example with 2,000 users, their profiles and 5,000 posts
// Created: 2024-01-01

// The same data every time, on every machine: all of it comes from the small generator below.
import { ObjectId } from 'mongodb';

const USERS = 2000;
const POSTS = 5000;
const BATCH_SIZE = 500;

// Which collections were not there before; written first.
const NOTE = 'before_seed_001';

export default async function up(db) {
  const data = generate();

  if (!(await db.collection(NOTE).findOne({ _id: 'missing' }))) {
    const collections = [];
    for (const name of Object.keys(data)) {
      if (!(await exists(db, name))) collections.push(name);
    }
    await db.collection(NOTE).insertOne({ _id: 'missing', collections });
  }

  for (const [name, documents] of Object.entries(data)) {
    let inserted = 0;
    for (const batch of batches(documents)) {
      // Only what is not there yet, so that it can run again, also after a failure half way.
      const there = await db
        .collection(name)
        .find({ _id: { $in: batch.map((document) => document._id) } })
        .project({ _id: 1 })
        .toArray();
      const known = new Set(there.map((document) => document._id.toString()));
      const missing = batch.filter((document) => !known.has(document._id.toString()));
      if (missing.length > 0) {
        inserted += (await db.collection(name).insertMany(missing)).insertedCount;
      }
    }
    console.log(`${inserted} ${name} inserted`);
  }
}

export async function rollback(db) {
  const note = await db.collection(NOTE).findOne({ _id: 'missing' });
  if (!note) return;

  for (const [name, documents] of Object.entries(generate())) {
    if (!(await exists(db, name))) continue;
    for (const batch of batches(documents)) {
      await db
        .collection(name)
        .deleteMany({ _id: { $in: batch.map((document) => document._id) } });
    }
    // A collection that appeared with the seed goes with it, unless it is in use by now.
    const unused =
      !(await db.collection(name).findOne({})) && (await db.collection(name).indexes()).length === 1;
    if (note.collections.includes(name) && unused) await db.collection(name).drop();
  }
  await db.collection(NOTE).drop();
}

async function exists(db, name) {
  return (await db.listCollections({ name }).toArray()).length > 0;
}

function* batches(documents) {
  for (let start = 0; start < documents.length; start += BATCH_SIZE) {
    yield documents.slice(start, start + BATCH_SIZE);
  }
}

// ---- the data ----

const FIRST = [
  'Ada', 'Amara', 'Björn', 'Chiara', 'Diego', 'Elif', 'Farid', 'Grace', 'Hana', 'Ines', 'Jonas', 'Kofi', 'Lena',
  'Mateo', 'Nadia', 'Oskar', 'Priya', 'Quentin', 'Rosa', 'Søren', 'Tariq', 'Uma', 'Viktor', 'Wanjiru', 'Yuki', 'Zoë',
];
const LAST = [
  'Abebe', 'Bauer', 'Castillo', 'Dubois', 'Eriksen', 'Ferrari', 'Garcia', 'Haddad', 'Ito', 'Jansen', 'Kowalski',
  'Lindqvist', 'Müller', 'Nakamura', 'Okafor', 'Petrova', 'Quispe', 'Rossi', 'Silva', 'Tanaka', 'Usman', 'Weber',
];
const PLACES = [
  { city: 'Reykjavík', country: 'IS', locale: 'is-IS', geo: [-21.94, 64.15] },
  { city: 'Lisboa', country: 'PT', locale: 'pt-PT', geo: [-9.14, 38.72] },
  { city: 'Zürich', country: 'CH', locale: 'de-CH', geo: [8.54, 47.37] },
  { city: 'Nairobi', country: 'KE', locale: 'en-KE', geo: [36.82, -1.29] },
  { city: 'Kyoto', country: 'JP', locale: 'ja-JP', geo: [135.77, 35.01] },
  { city: 'Montréal', country: 'CA', locale: 'fr-CA', geo: [-73.57, 45.5] },
];
const WORDS = [
  'tide', 'marsh', 'heather', 'wind', 'coast', 'north', 'flock', 'storm', 'island', 'dune',
  'autumn', 'spring', 'feather', 'shore', 'crossing', 'dawn', 'estuary', 'mud', 'call', 'return',
];
const TAGS = ['birds', 'travel', 'weather', 'coast', 'photo', 'question', 'diary'];
const START = Date.UTC(2023, 0, 1);
const DAY = 24 * 60 * 60 * 1000;

function generate() {
  const random = mulberry32(20240101);
  const below = (limit) => Math.floor(random() * limit);
  const pick = (list) => list[below(list.length)];
  const chance = (share) => random() < share;
  const sentence = (length) => {
    const words = Array.from({ length }, () => pick(WORDS)).join(' ');
    return words[0].toUpperCase() + words.slice(1);
  };
  const someTags = () => TAGS.filter(() => chance(0.25));

  const users = [];
  const profiles = [];
  const posts = [];

  for (let i = 0; i < USERS; i++) {
    const first = pick(FIRST);
    const last = pick(LAST);
    const place = pick(PLACES);
    const username = `${plain(first)}.${plain(last)}${i + 1}`;
    const createdAt = new Date(START + below(365 * DAY));

    const user = {
      _id: id(createdAt, 1, i),
      email: `${username}@social.example`,
      username,
      name: { first, last },
      roles: chance(0.03) ? ['member', 'moderator'] : ['member'],
      emailVerified: chance(0.8),
      createdAt,
      lastLogin: { at: new Date(createdAt.getTime() + below(90 * DAY)), device: pick(['phone', 'laptop', 'tablet']) },
    };
    if (chance(0.9)) user.locale = place.locale;
    // Some have chosen their preferences already: all of them, only the theme, or none on purpose.
    if (chance(0.15)) {
      const theme = pick(['light', 'dark', 'system']);
      user.preferences = pick([
        { theme, language: 'en', notifications: { inApp: chance(0.5), email: false } },
        { theme },
        null,
      ]);
    }
    users.push(user);

    profiles.push({
      _id: id(createdAt, 2, i),
      userId: user._id,
      displayName: chance(0.2) ? untidy(first, last, pick) : `${first} ${last}`,
      bio: chance(0.6) ? sentence(4 + below(12)) : null,
      birthday: chance(0.5) ? new Date(Date.UTC(1950 + below(55), below(12), 1 + below(28))) : null,
      address: { city: place.city, country: place.country, location: { type: 'Point', coordinates: place.geo } },
      links: chance(0.3) ? [{ kind: 'web', url: `https://${plain(first)}.example/${i + 1}` }] : [],
      updatedAt: createdAt,
    });
  }

  for (let i = 0; i < POSTS; i++) {
    const author = pick(users);
    const createdAt = new Date(author.createdAt.getTime() + below(180 * DAY));
    // Most posts get a few likes, some get many, nobody likes a post twice.
    const likedBy = new Set(Array.from({ length: Math.floor(40 * random() * random()) }, () => below(USERS)));
    const likes = [...likedBy].map((index) => users[index]._id);

    const post = {
      _id: id(createdAt, 3, i),
      author: author._id,
      title: sentence(2 + below(4)),
      body: Array.from({ length: 1 + below(4) }, () => `${sentence(6 + below(10))}.`).join(' '),
      tags: someTags(),
      likes,
      comments: Array.from({ length: below(4) }, (_, n) => ({
        author: pick(users)._id,
        text: sentence(3 + below(6)),
        at: new Date(createdAt.getTime() + (n + 1) * 3600 * 1000),
      })),
      createdAt,
    };
    // Left over from an earlier version of the application, and often wrong.
    if (chance(0.1)) post.likeCount = chance(0.5) ? likes.length : below(30);
    posts.push(post);
  }

  return { users, profiles, posts };
}

function untidy(first, last, pick) {
  return pick([
    ` ${first} ${last}`,
    `${first} ${last}  `,
    `${first}   ${last}`,
    `${first}\t${last}`,
    `\n ${first}\xa0${last} `,
  ]);
}

function plain(name) {
  return name.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/ø/g, 'o').toLowerCase();
}

// Like a real ObjectId it starts with the time; the rest is fixed: "5eed", the kind, a number.
function id(time, kind, number) {
  const seconds = Math.floor(time.getTime() / 1000);
  return new ObjectId(hex(seconds, 8) + '5eed' + hex(kind, 2) + hex(number, 10));
}

function hex(value, length) {
  return value.toString(16).padStart(length, '0');
}

// Mulberry32, a small random number generator with a seed.
function mulberry32(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// Slugs that must be unique, counted up on collision.
import { slugOf } from '../../support/slug.mjs';

export default async function up(db) {
  const taken = new Set();
  for (const user of await db.collection('users').find().sort({ _id: 1 }).toArray()) {
    const base = slugOf(user.name) || 'user';
    let slug = base;
    for (let n = 2; taken.has(slug); n += 1) slug = `${base}-${n}`;
    taken.add(slug);
    await db.collection('users').updateOne({ _id: user._id }, { $set: { slug } });
  }
  await db.collection('users').createIndex({ slug: 1 }, { unique: true });
}

export async function rollback(db) {
  await db.collection('users').dropIndex('slug_1');
  await db.collection('users').updateMany({}, { $unset: { slug: '' } });
}

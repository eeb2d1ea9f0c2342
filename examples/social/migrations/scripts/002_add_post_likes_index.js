// Migration: 002_add_post_likes_index
// Description: Index posts by who likes them, newest first
// Created: 2024-01-15

const INDEX = 'likes_createdAt';

// Remembers that the index is this migration's own: one somebody made before stays on rollback.
const NOTE = 'before_002';

export default async function up(db) {
  const posts = db.collection('posts');
  if (!(await posts.indexExists(INDEX))) {
    await db
      .collection(NOTE)
      .updateOne({ _id: 'missing' }, { $set: { indexes: [INDEX] } }, { upsert: true });
  }
  // `likes` is an array: the index gets one entry per person who likes the post.
  await posts.createIndex({ likes: 1, createdAt: -1 }, { name: INDEX });
}

export async function rollback(db) {
  if (!(await db.collection(NOTE).findOne({ _id: 'missing' }))) return;

  const posts = db.collection('posts');
  if (await posts.indexExists(INDEX)) await posts.dropIndex(INDEX);
  await db.collection(NOTE).drop();
}

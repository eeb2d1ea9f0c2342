// Migration: initial setup
// Description: The collection of posts, and a first one
// Created: 2026-11-28

export default async function up(db) {
  const posts = db.collection('posts');
  await posts.createIndex({ createdAt: -1 });
  await posts.updateOne(
    { title: 'Hello' },
    { $setOnInsert: { title: 'Hello', createdAt: new Date() } },
    { upsert: true },
  );
}

export async function rollback(db) {
  await db.collection('posts').drop();
}

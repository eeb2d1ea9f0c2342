// Migration: add post likes index
// Description: Every post has a number of likes, and can be found by it
// Created: 2026-11-28

import { log, progress } from 'whimbrel';

export default async function up(db) {
  const posts = db.collection('posts');
  const total = await posts.countDocuments({ likes: { $exists: false } });
  let done = 0;
  for await (const { _id } of posts.find({ likes: { $exists: false } }, { projection: { _id: 1 } })) {
    await posts.updateOne({ _id }, { $set: { likes: 0 } });
    done += 1;
    progress(done, total);
  }
  await posts.createIndex({ likes: -1 });
  log('info', 'likes were added', { posts: done });
}

export async function rollback(db) {
  const posts = db.collection('posts');
  await posts.dropIndex('likes_-1');
  await posts.updateMany({}, { $unset: { likes: '' } });
}

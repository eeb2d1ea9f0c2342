// Migration: 002 first user
// Description: Somebody who can log in
// Created: 2026-11-28

export default async function up(db) {
  await db.collection('users').updateOne(
    { email: 'admin@example.org' },
    { $setOnInsert: { name: 'Admin', createdAt: new Date() } },
    { upsert: true },
  );
}

export async function rollback(db) {
  await db.collection('users').deleteOne({ email: 'admin@example.org' });
}

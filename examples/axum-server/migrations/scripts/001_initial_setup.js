// Migration: 001 initial setup
// Description: Users and their e-mail addresses
// Created: 2026-11-28

export default async function up(db) {
  await db.collection('users').createIndex({ email: 1 }, { unique: true });
}

export async function rollback(db) {
  await db.collection('users').drop();
}

// Migration: 001 accounts
// Description: The collection and its indexes; needs no Node.js
// Created: 2026-11-28

export default async function up(db) {
  await db.createCollection('accounts').catch(error => {
    if (error.codeName !== 'NamespaceExists') throw error;
  });
  await db.collection('accounts').createIndex({ handle: 1 }, { unique: true });
}

export async function rollback(db) {
  await db.collection('accounts').drop();
}

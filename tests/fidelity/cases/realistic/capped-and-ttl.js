// Collections for logs and sessions.
export default async function up(db) {
  await db.createCollection('events', { capped: true, size: 100000, max: 100 });
  await db.createCollection('sessions');
  await db.collection('sessions').createIndex({ lastSeen: 1 }, { expireAfterSeconds: 3600, name: 'session_ttl' });
  await db.collection('events').insertOne({ _id: 1, kind: 'created' });
}

export async function rollback(db) {
  await Promise.all([db.collection('events').drop(), db.collection('sessions').drop()]);
}

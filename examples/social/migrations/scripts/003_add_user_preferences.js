// Migration: 003_add_user_preferences
// Description: Give every user without preferences the defaults for their language
// Created: 2024-02-01

const BATCH_SIZE = 500;

export default async function up(db) {
  const users = db.collection('users');
  // A cursor keeps memory flat however many users there are; bulkWrite needs one round trip for
  // 500 of them instead of one each.
  const cursor = users
    .find({ preferences: { $exists: false } })
    .project({ locale: 1, emailVerified: 1 })
    .sort({ _id: 1 });

  let changed = 0;
  let batch = [];
  const flush = async () => {
    if (batch.length === 0) return;
    const result = await users.bulkWrite(batch, { ordered: false });
    changed += result.modifiedCount;
    batch = [];
  };

  for await (const user of cursor) {
    batch.push({
      updateOne: {
        // The condition again: a user who chose in the meantime keeps the choice.
        filter: { _id: user._id, preferences: { $exists: false } },
        // `before003` marks what this migration touched, in the same write as the change itself:
        // without it a rollback could not tell the defaults from a user's own preferences.
        update: { $set: { preferences: defaultsFor(user), before003: {} } },
      },
    });
    if (batch.length === BATCH_SIZE) await flush();
  }
  await flush();
  console.log(`${changed} users got default preferences`);
}

export async function rollback(db) {
  const result = await db
    .collection('users')
    .updateMany({ before003: { $exists: true } }, { $unset: { preferences: '', before003: '' } });
  console.log(`${result.modifiedCount} users have no preferences again`);
}

function defaultsFor(user) {
  return {
    theme: 'system',
    language: user.locale ? user.locale.split('-')[0] : 'en',
    notifications: { inApp: true, email: user.emailVerified === true },
  };
}

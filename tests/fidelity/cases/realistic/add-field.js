// Add a field with a default to every document that lacks it.
module.exports = {
  async up(db) {
    await db.collection('users').updateMany({ preferences: { $exists: false } }, { $set: {
      preferences: { theme: 'system', emails: true }, version: 2,
    } });
  },
  async down(db) {
    await db.collection('users').updateMany({}, { $unset: { preferences: '', version: '' } });
  },
};

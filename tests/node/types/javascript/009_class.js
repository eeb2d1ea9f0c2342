// A class; and `import()`.

export class AddField {
  /** @param {import('mongodb').Db} db */
  async up(db) {
    const { roles } = await import('./lib/roles.js');
    await db.collection('users').updateMany({ role: { $nin: roles } }, { $set: { role: roles[0] } });
  }

  /** @param {import('mongodb').Db} db */
  async down(db) {
    await db.collection('users').updateMany({}, { $unset: { role: 1 } });
  }
}

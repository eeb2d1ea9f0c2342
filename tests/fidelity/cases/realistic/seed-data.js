// Reference data, inserted when it is missing.
module.exports = {
  async up(db) {
    const roles = [
      { _id: 'admin', rights: ['*'] }, { _id: 'editor', rights: ['read', 'write'] }, { _id: 'viewer', rights: ['read'] },
    ];
    for (const role of roles) {
      await db.collection('roles').updateOne({ _id: role._id }, { $setOnInsert: role }, { upsert: true });
    }
    if ((await db.collection('roles').countDocuments()) !== roles.length) throw new Error('roles are missing');
  },
  async down(db) {
    await db.collection('roles').deleteMany({ _id: { $in: ['admin', 'editor', 'viewer'] } });
  },
};

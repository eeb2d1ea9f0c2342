// Copy a collection with its indexes.
module.exports = {
  async up(db) {
    await db.collection('users').aggregate([{ $match: {} }, { $out: 'users_copy' }]).toArray();
    const indexes = (await db.collection('users').indexes()).filter(index => index.name !== '_id_');
    for (const { key, name, unique } of indexes) await db.collection('users_copy').createIndex(key, { name, ...(unique ? { unique } : {}) });
  },
  async down(db) {
    await db.collection('users_copy').drop();
  },
};

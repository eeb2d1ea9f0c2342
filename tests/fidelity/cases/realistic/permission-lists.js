// Add to arrays only where something else is in them.
module.exports = {
  async up(db) {
    await db.collection('users').updateMany({ tags: { $in: ['math'] } }, { $addToSet: { tags: { $each: ['science', 'math'] } } });
    await db.collection('users').updateMany({ tags: { $size: 0 } }, { $push: { tags: 'untagged' } });
  },
  async down(db) {
    await db.collection('users').updateMany({}, { $pull: { tags: { $in: ['science', 'untagged'] } } });
  },
};

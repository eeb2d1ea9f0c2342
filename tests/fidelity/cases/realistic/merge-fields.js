// Merge two fields into one, with a pipeline.
module.exports = {
  async up(db) {
    await db.collection('users').updateMany({ 'address.city': { $exists: true } }, [
      { $set: { addressLine: { $concat: ['$address.city', ' ', { $toString: { $ifNull: ['$address.zip', ''] } }] } } },
      { $unset: 'address' },
    ]);
  },
};

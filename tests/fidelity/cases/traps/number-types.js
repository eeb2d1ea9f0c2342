// Whole doubles become int32 when they are written back.
module.exports = {
  async up(db) {
    const types = db.collection('types');
    for (const doc of await types.find({ value: { $type: 'number' } }).toArray()) {
      await types.updateOne({ _id: doc._id }, { $set: { copy: doc.value } });
    }
    await types.updateMany({ _id: { $in: ['int', 'wholeDouble', 'long'] } }, { $inc: { value: 1 }, $set: { sum: 5 / 1 } });
  },
};

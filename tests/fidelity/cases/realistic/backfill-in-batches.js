// A backfill with a cursor and bulkWrite in batches.
const BATCH = 60;

module.exports = {
  async up(db) {
    const many = db.collection('many');
    let batch = [];
    let written = 0;
    const flush = async () => {
      if (batch.length === 0) return;
      const { modifiedCount } = await many.bulkWrite(batch, { ordered: false });
      written += modifiedCount;
      batch = [];
    };
    const cursor = many.find({ slug: { $exists: false } }).project({ text: 1 }).batchSize(BATCH);
    for await (const doc of cursor) {
      batch.push({ updateOne: { filter: { _id: doc._id }, update: { $set: { slug: doc.text.replace(/\s+/g, '-') } } } });
      if (batch.length >= BATCH) await flush();
    }
    await flush();
    if (written !== 250) throw new Error(`only ${written} written`);
  },
  async down(db) {
    await db.collection('many').updateMany({}, { $unset: { slug: 1 } });
  },
};

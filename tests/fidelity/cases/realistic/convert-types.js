// Texts to numbers, dates and arrays.
export default async function up(db) {
  const legacy = db.collection('legacy');
  await legacy.updateMany({ price: { $type: 'string' } }, [{ $set: { price: { $convert: {
    input: '$price', to: 'double', onError: null, onNull: null,
  } } } }]);
  for (const doc of await legacy.find({ when: { $type: 'string' } }).toArray()) {
    await legacy.updateOne({ _id: doc._id }, { $set: { when: new Date(doc.when) } });
  }
  await legacy.find({ flags: { $type: 'string' } }).forEach(doc => {
    doc.flags = doc.flags.split(',').filter(Boolean);
  });
  const operations = (await legacy.find({ flags: { $type: 'string' } }).toArray()).map(({ _id, flags }) => ({
    updateOne: { filter: { _id }, update: { $set: { flags: flags ? flags.split(',') : [] } } },
  }));
  if (operations.length > 0) await legacy.bulkWrite(operations);
}

export async function rollback(db) {
  await db.collection('legacy').updateMany({ price: { $type: 'number' } }, [{ $set: { price: { $toString: '$price' } } }]);
}

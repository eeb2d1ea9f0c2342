// A bulk error that nobody catches.
export default async function up(db) {
  await db.collection('orders').bulkWrite(
    [
      { insertOne: { document: { _id: 'first' } } }, { insertOne: { document: { _id: 1 } } },
      { insertOne: { document: { _id: 'third' } } },
    ],
    { ordered: false }
  );
}

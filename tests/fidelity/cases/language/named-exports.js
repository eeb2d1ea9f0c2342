// Named exports, and extra exports that nobody asks for.
export const description = 'adds a flag';
export const collectionName = 'orders';
const helper = { set: { flag: 1 } };

export const up = async (db, client) => {
  await client.db(db.databaseName).collection(collectionName).updateMany({ _id: { $lte: 2 } }, { $set: helper.set });
};
export const down = async db => {
  await db.collection(collectionName).updateMany({}, { $unset: helper.set });
};

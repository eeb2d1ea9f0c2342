// CommonJS, typed as a whole.
const NAME = 'audit';

/** @type {import('whimbrel').Migration} */
module.exports = {
  transaction: true,
  async up(db, client) {
    await db.collection(NAME).insertOne({ at: new Date(), from: client.db().databaseName });
  },
  rollback: db => db.collection(NAME).deleteMany({}),
};

// A migration of a wrong shape.

/** @type {import('whimbrel').Migration} */
const migration = {
  transaction: 'yes', // 2322
  async up(db) {
    await db.collection('a').insertNone({}); // 2551
  },
};

module.exports = migration;

// Data from a JSON file of the project.
const countries = require('../../support/countries.json');

module.exports = {
  async up(db) {
    await db.collection('countries').bulkWrite(
      countries.map(({ _id, ...country }) => ({ replaceOne: { filter: { _id }, replacement: country, upsert: true } })),
    );
  },
  async down(db) {
    await db.collection('countries').deleteMany({ _id: { $in: countries.map(({ _id }) => _id) } });
  },
};

// require of JSON, CommonJS and built packages.
const { observe } = require('../../support/observe.cjs');
const countries = require('../../support/countries.json');
const { roles } = require('../../support/roles.cjs');
const { ObjectId } = require('mongodb');
const { EJSON } = require('bson');

module.exports = {
  async up(db) {
    const { note } = observe(db);
    await db.collection('countries').insertMany(countries);
    await note('cached', [
      require('../../support/countries.json') === countries, require('../../support/roles.cjs').roles === roles,
    ]);
    await note('read', await db.collection('countries').find().sort({ _id: 1 }).toArray());
    await note('types', [ObjectId.name, typeof EJSON.parse, roles]);
    await note('inside a function', (() => require('mongodb').Long.fromNumber(5).toString())());
    try {
      require('./not-there');
    } catch (error) {
      await note('missing', [error.code, error instanceof Error]);
    }
  },
  async down(db) {
    await db.collection('countries').drop();
  },
};

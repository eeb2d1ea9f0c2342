// CommonJS, typed by parameter.
const { ObjectId, Long } = require('mongodb');
const path = require('path');
const fs = require('node:fs');
const helper = require('./lib/helper');

const NAME = 'accounts';

module.exports = {
  /**
   * @param {import('mongodb').Db} db
   * @param {import('mongodb').MongoClient} client
   */
  async up(db, client) {
    const rows = JSON.parse(fs.readFileSync(path.join(__dirname, 'rows.json'), 'utf8'));
    await db.collection(NAME).insertMany(rows.map(row => ({ ...row, _id: new ObjectId(), n: Long.fromNumber(1) })));
    await client.db('other').collection(NAME).insertOne({ made: helper.today(), at: process.env.HOME, file: __filename });
  },
  async down(db) {
    await db.collection(NAME).drop();
  },
};

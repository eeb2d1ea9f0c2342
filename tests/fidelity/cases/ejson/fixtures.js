// Inserting documents written as Extended JSON.
const { EJSON } = require('bson');

const text = `[
  {
    "_id": { "$oid": "65f0a1b2c3d4e5f601234567" }, "n": { "$numberLong": "5" }, "d": { "$date": "2020-01-01T00:00:00Z" },
    "x": { "$numberDouble": "1" },
  },
  {
    "_id": 2, "b": { "$binary": { "base64": "AQID", "subType": "00" } }, "u": { "$uuid": "01234567-89ab-4def-8123-456789abcdef" },
    "r": { "$regularExpression": { "pattern": "a", "options": "i" } },
  },
  {
    "_id": 3, "t": { "$timestamp": { "t": 1, "i": 2 } }, "min": { "$minKey": 1 }, "dec": { "$numberDecimal": "1.10" }, "int": 5,
    "big": 5000000000, "double": 1.5,
  }
]`;

module.exports = {
  async up(db) {
    await db.collection('fixtures').insertMany(EJSON.parse(text));
    await db.collection('fixtures_exact').insertMany(EJSON.parse(text, { relaxed: false }));
  },
  async down(db) {
    await db.collection('fixtures').drop();
    await db.collection('fixtures_exact').drop();
  },
};

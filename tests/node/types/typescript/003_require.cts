// CommonJS in TypeScript.
import type { Db } from 'mongodb';
const { Long } = require('mongodb');

const NAME = 'users';

module.exports = {
  up: async (db: Db) => { await db.collection(NAME).insertOne({ n: Long.fromNumber(1), file: __filename }); },
  down: async (db: Db) => { await db.collection(NAME).drop(); },
};

// createRequire in an ES module.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const countries = require('../../support/countries.json');

export default async function up(db) {
  await db.collection('countries').insertMany(countries);
}

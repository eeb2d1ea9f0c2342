// JSON by import attribute.
import countries from '../../support/countries.json' with { type: 'json' };

export default async function up(db) {
  await db.collection('countries').insertMany(countries.map(country => ({ ...country, imported: true })));
}

export const rollback = db => db.collection('countries').drop();

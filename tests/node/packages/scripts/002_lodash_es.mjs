import { camelCase, debounce, sortBy } from 'lodash-es';
import uniq from 'lodash-es/uniq.js';

export async function up(db) {
  await db.collection('results').insertOne({
    _id: 'lodash-es',
    camel: camelCase('Foo Bar'),
    sorted: sortBy([{ n: 3 }, { n: 1 }], 'n'),
    unique: uniq([1, 1, 2]),
    debounce: typeof debounce,
  });
}

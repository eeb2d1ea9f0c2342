// Top-level await before the migration is called.
import { observe } from '../../support/observe.js';

const { slugOf } = await import('../../support/slug.mjs');
const ready = await Promise.resolve('ready');

export default async function up(db) {
  const { note } = observe(db);
  await note('state', [ready, slugOf('A B')]);
}

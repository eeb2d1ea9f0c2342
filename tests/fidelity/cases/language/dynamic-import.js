// import() of modules, CommonJS, JSON and what is missing.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const { slugOf } = await import('../../support/slug.mjs');
  await note('module', slugOf('Ünïcode Text!'));
  const roles = await import('../../support/roles.cjs');
  await note('common js', [Object.keys(roles).sort(), roles.default.roles === roles.roles]);
  await note('driver', typeof (await import('mongodb')).ObjectId);
  const name = 'slug';
  await note('computed', typeof (await import(`../../support/${name}.mjs`)).default);
  await note('the same module', (await import('../../support/slug.mjs')) === (await import('../../support/slug.mjs')));
  try {
    await import('../../support/missing.mjs');
  } catch (error) {
    await note('missing', [error.code, error instanceof Error]);
  }
  await attempt(
    'lazily', async () => { for (const file of ['roles.cjs', 'slug.mjs']) await import(`../../support/${file}`); return 'both'; }
  );
}

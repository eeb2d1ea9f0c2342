// Relative imports of every kind of file.
import roles, { roleOf } from '../../support/roles.cjs';
import slugOf, { slugOf as named } from '../../support/slug.mjs';
import * as everything from '../../support/slug.mjs';
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  await note('imported', [
    roles, typeof roleOf, slugOf === named, Object.keys(everything).sort(), everything[Symbol.toStringTag],
  ]);
  for await (const user of db.collection('users').find().sort({ email: 1 })) {
    await db.collection('users').updateOne({ _id: user._id }, { $set: { role: roleOf(user), slug: slugOf(user.name) } });
  }
  await note('meta', [
    import.meta.url.endsWith('/001_imports.js'), typeof import.meta.filename, import.meta.dirname?.endsWith('language.imports'),
  ]);
}

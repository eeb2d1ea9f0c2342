// The usual guards around indexes.
const { observe } = require('../../support/observe.cjs');

exports.up = async db => {
  const { note } = observe(db);
  const users = db.collection('users');
  const names = (await users.indexes()).map(index => index.name);
  if (!names.includes('created_1')) await users.createIndex({ created: 1 });
  if (await users.indexExists('age_1_name_-1')) await users.dropIndex('age_1_name_-1');
  try {
    await users.dropIndex('gone_1');
  } catch (err) {
    if (err.codeName !== 'IndexNotFound') throw err;
    await note('ignored', [err.code, err.codeName, err.message]);
  }
  try {
    await db.collection('nothing_here').dropIndex('x');
  } catch (err) {
    await note('ignored too', [err.code, err.codeName]);
  }
};
exports.down = async db => {
  await db.collection('users').dropIndex('created_1');
  await db.collection('users').createIndex({ age: 1, name: -1 });
};

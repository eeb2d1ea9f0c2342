// An index that is not there: code 27.
exports.up = async db => {
  await db.collection('users').dropIndex('no_such_index');
};

// A projection as second argument is no option: it is ignored.
const { observe } = require('../../support/observe.cjs');

exports.up = async db => {
  const { note } = observe(db);
  const users = db.collection('users');
  await note('find', await users.find({ age: 36 }, { name: 1 }).toArray());
  await note('findOne', await users.findOne({ age: 36 }, { _id: 0, name: 1 }));
  await note('find with fields', await users.find({ age: 36 }, { fields: { name: 1 } }).toArray());
};

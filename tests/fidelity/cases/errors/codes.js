// The codes that scripts look at.
const { observe } = require('../../support/observe.cjs');

module.exports = {
  async up(db) {
    const { note } = observe(db);
    const codeOf = async fn => { try { await fn(); return 'no error'; } catch (error) { return [
      error.code, error.codeName, error.message.includes('E11000'),
    ]; } };
    await note('11000', await codeOf(() => db.collection('orders').insertOne({ _id: 1 })));
    await note('11000 in bulk', await codeOf(() => db.collection('orders').insertMany([{ _id: 1 }])));
    await note('121', await codeOf(() => db.collection('strict').insertOne({ _id: 1 })));
    await note('26', await codeOf(() => db.collection('nowhere').rename('x')));
    await note('26 or 27', await codeOf(() => db.collection('nowhere').dropIndex('x')));
    await note('27', await codeOf(() => db.collection('orders').dropIndex('x')));
    await note('48', await codeOf(() => db.createCollection('orders')));
    await note('48 on rename', await codeOf(() => db.collection('orders').rename('users')));
    await note('59', await codeOf(() => db.command({ nope: 1 })));
    await note('85', await codeOf(() => db.collection('users').createIndex({ email: 1 }, { name: 'other', unique: true })));
    await note('86', await codeOf(() => db.collection('users').createIndex({ zip: 1 }, { name: 'email_unique' })));
    await note('2', await codeOf(() => db.collection('orders').find({ a: { $nope: 1 } }).toArray()));
    await note('9', await codeOf(() => db.collection('orders').updateOne({}, { $nope: { a: 1 } })));
    await note('14', await codeOf(() => db.collection('users').updateOne({ age: '72' }, { $inc: { age: 1 } })));
    await note('28', await codeOf(() => db.collection('users').updateOne({ age: 36 }, { $set: { 'name.x': 1 } })));
    await note('40', await codeOf(() => db.collection('users').updateOne({ age: 36 }, { $set: { a: 1 }, $unset: { a: 1 } })));
    await note('66', await codeOf(() => db.collection('users').updateOne({ age: 36 }, { $set: { _id: 1 } })));
    await note('50', await codeOf(() => db.collection('orders').find({}, { maxTimeMS: -1 }).toArray()));
  },
};

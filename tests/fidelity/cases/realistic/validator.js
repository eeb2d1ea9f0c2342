// A schema for a collection, and existing documents made to fit.
const schema = {
  $jsonSchema: {
    bsonType: 'object', required: ['email', 'loginCount'],
    properties: {
      email: { bsonType: 'string', pattern: '^.+@.+$' }, loginCount: { bsonType: 'int' }, ratio: { bsonType: ['double', 'null'] },
    },
  },
};

module.exports = {
  async up(db) {
    await db.collection('users').updateMany({ loginCount: { $exists: false } }, { $set: { loginCount: 0 } });
    await db.command({ collMod: 'users', validator: schema, validationLevel: 'strict' });
    await db.collection('users').insertOne({ _id: 'valid', email: 'valid@example.com', loginCount: 3, ratio: 0.5 });
    let refused = 0;
    for (const bad of [
      { _id: 'b1', email: 'x', loginCount: 1 }, { _id: 'b2', email: 'a@b', loginCount: 1.5 },
      { _id: 'b3', email: 'c@d', loginCount: 2, ratio: 1 },
    ]) {
      await db.collection('users').insertOne(bad).catch(error => { if (error.code === 121) refused += 1; else throw error; });
    }
    if (refused !== 3) throw new Error(`${refused} refused`);
  },
  async down(db) {
    await db.collection('users').deleteOne({ _id: 'valid' });
    await db.command({ collMod: 'users', validator: {} });
  },
};

// collMod: validators, index options, views.
const { observe } = require('../../support/observe.cjs');

module.exports = {
  async up(db) {
    const { attempt, note } = observe(db);
    await attempt('validator', () => db.command({
      collMod: 'users',
      validator: { $jsonSchema: { bsonType: 'object', required: ['email'], properties: { email: { bsonType: 'string' } } } },
      validationLevel: 'strict', validationAction: 'error',
    }));
    await attempt('insert', () => db.collection('users').insertOne({ _id: 1 }));
    await attempt('hide', () => db.command({ collMod: 'users', index: { name: 'email_unique', hidden: true } }));
    await db.collection('users').createIndex({ created: 1 }, { expireAfterSeconds: 10 });
    await attempt('ttl', () => db.command({
      collMod: 'users', index: { keyPattern: { created: 1 }, expireAfterSeconds: 1000000000 },
    }));
    await db.createCollection('paid', { viewOn: 'orders', pipeline: [{ $match: { status: 'paid' } }] });
    await attempt('view', () => db.command({ collMod: 'paid', viewOn: 'orders', pipeline: [{ $match: { status: 'sent' } }] }));
    await note('ids', (await db.collection('paid').find().sort({ _id: 1 }).toArray()).map(doc => doc._id));
    await attempt('nowhere', () => db.command({ collMod: 'nowhere', validator: {} }));
  },
  async down(db) {
    await db.command({ collMod: 'users', validator: {}, validationLevel: 'off' });
    await db.collection('paid').drop();
  },
};

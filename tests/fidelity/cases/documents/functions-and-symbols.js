// Functions and symbols as values are left out; as array items they are null.
import { observe } from '../../support/observe.js';

export default {
  async up(db) {
    const { note } = observe(db);
    const things = db.collection('things');
    const doc = {
      _id: 1, f() {}, g: () => 1, s: Symbol('x'), h: class X {}, list: [() => 1, Symbol('y'), 2], [Symbol('key')]: 1, z: 1,
    };
    await things.insertOne(doc);
    await note('stored', await things.findOne());
    await things.insertOne({ _id: 2, f: function named(a) { return a + 1; } }, { serializeFunctions: true });
    await note('serialised', await things.findOne({ _id: 2 }));
  },
  async down(db) {
    await db.collection('things').drop();
  },
};

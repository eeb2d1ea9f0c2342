// `this` inside an exported object is that object.
export default {
  collection: 'orders',
  values: [1, 2, 3],
  async up(db) { for (const _id of this.values) await this.mark(db, _id); },
  async mark(db, _id) { await db.collection(this.collection).updateOne({ _id }, { $set: { marked: true } }); },
  async down(db) { await db.collection(this.collection).updateMany({}, { $unset: { marked: '' } }); },
};

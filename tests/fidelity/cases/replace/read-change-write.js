// The usual loop: read, change in JavaScript, write back.
const { observe } = require('../../support/observe.cjs');

exports.up = async function up(db) {
  const { note } = observe(db);
  const types = db.collection('types');
  let written = 0;
  for (const doc of await types.find().sort({ _id: 1 }).toArray()) {
    doc.seen = true;
    const { modifiedCount } = await types.replaceOne({ _id: doc._id }, doc);
    written += modifiedCount;
  }
  await note('written', written);
};

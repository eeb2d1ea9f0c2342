// Strings that are not well-formed UTF-16.
const { observe } = require('../../support/observe.cjs');

module.exports.up = async function up(db) {
  const { note, attempt } = observe(db);
  const things = db.collection('things');
  const texts = ['\ud800', 'a\ud83d', '\ude00b', '\ude00\ud83d', 'ok 😀', '\ufeffbom', '\uffff', '\ud83d\ude00\ud83d'];
  for (const [_id, text] of texts.entries()) await attempt(
    `insert ${_id}`, () => things.insertOne({ _id, text, [`key ${text}`]: 1 })
  );
  await note('read', await things.find().toArray());
  await note('found', await things.countDocuments({ text: '\ud800' }));
  await note('long', await things.insertOne({ _id: 'long', text: `${'é'.repeat(5000)}\ud800${'x'.repeat(5000)}` }));
};

// Node's Buffer goes in as binary.
const { observe } = require('../../support/observe.cjs');

exports.up = async db => {
  const { note } = observe(db);
  const things = db.collection('things');
  await things.insertMany([
    { _id: 1, value: Buffer.from('hello') },
    { _id: 2, value: Buffer.from([1, 2, 3]).subarray(1) },
    { _id: 3, value: Buffer.alloc(4, 'ab') },
    { _id: 4, value: Buffer.from('aGk=', 'base64') },
    { _id: 5, value: Buffer.from('00ff', 'hex').toString('base64') },
  ]);
  await note('read', await things.find().toArray());
  const { value } = await things.findOne({ _id: 1 });
  await note('text again', Buffer.from(value.buffer).toString('utf8'));
  await note('text of the value', value.toString());
};
exports.down = async db => { await db.collection('things').drop(); };

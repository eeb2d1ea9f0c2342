// References that are texts become ObjectIds.
const { ObjectId } = require('mongodb');

module.exports = {
  async up(db) {
    await db.collection('posts').insertMany([
      { _id: 1, author: '65f000000000000000000001' }, { _id: 2, author: 'not an id' },
      { _id: 3, author: new ObjectId('65f000000000000000000002') }, { _id: 4 },
    ]);
    for (const post of await db.collection('posts').find({ author: { $type: 'string' } }).toArray()) {
      if (!ObjectId.isValid(post.author)) continue;
      await db.collection('posts').updateOne({ _id: post._id }, { $set: { author: new ObjectId(post.author) } });
    }
  },
  async down(db) {
    const cursor = db.collection('posts').find({ author: { $type: 'objectId' } });
    for await (const post of cursor) await db.collection('posts').updateOne(
      { _id: post._id }, { $set: { author: post.author.toString() } }
    );
  },
};

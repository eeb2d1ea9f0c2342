// up gives a promise without being async.
module.exports = {
  up(db) {
    return db.collection('orders').updateOne({ _id: 1 }, { $set: { step: 1 } })
      .then(() => db.collection('orders').updateOne({ _id: 1 }, { $inc: { step: 1 } }))
      .then(result => { if (result.modifiedCount !== 1) throw new Error('not modified'); })
      .finally(() => db.collection('orders').updateOne({ _id: 2 }, { $set: { finally: true } }));
  },
  down(db) {
    return Promise.all([1, 2].map(_id => db.collection('orders').updateOne({ _id }, { $unset: { step: '', finally: '' } })));
  },
};

// Change items inside arrays.
module.exports = {
  async up(db) {
    await db.collection('orders').updateMany({ 'lines.qty': 0 }, { $pull: { lines: { qty: 0 } } });
    await db.collection('orders').updateMany(
      {}, { $set: { 'lines.$[line].discount': 0 } }, { arrayFilters: [{ 'line.discount': { $exists: false } }] }
    );
    await db.collection('orders').updateMany({}, [{ $set: { lines: { $map: {
      input: '$lines', as: 'line',
      in: { $mergeObjects: ['$$line', { id: { $concat: [{ $toString: '$_id' }, '-', '$$line.sku'] } }] },
    } } } }]);
  },
  async down(db) {
    await db.collection('orders').updateMany({}, { $unset: { 'lines.$[].discount': '', 'lines.$[].id': '' } });
  },
};

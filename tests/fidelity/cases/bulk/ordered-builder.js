// initializeOrderedBulkOp.
const { observe } = require('../../support/observe.cjs');

module.exports = {
  async up(db) {
    const { note, attempt } = observe(db);
    const orders = db.collection('orders');
    const bulk = orders.initializeOrderedBulkOp();
    await note('chain', bulk.insert({ _id: 400 }) === bulk);
    bulk.find({ _id: 1 }).updateOne({ $set: { one: true } });
    bulk.find({ customer: 'c1' }).update({ $set: { many: true } });
    bulk.find({ _id: 401 }).upsert().updateOne({ $set: { made: true } });
    bulk.find({ _id: 402 }).upsert().replaceOne({ made: 'by replace' });
    bulk.find({ _id: 2 }).replaceOne({ replaced: true });
    bulk.find({ _id: 3 }).deleteOne();
    bulk.find({ customer: 'c3' }).delete();
    bulk.find({ status: 'NEW' }).collation({ locale: 'en', strength: 2 }).update({ $set: { collated: true } });
    bulk.find({ 'lines.sku': 's0' }).arrayFilters([{ 'l.sku': 's0' }]).update({ $set: { 'lines.$[l].sku': 'zero' } });
    bulk.raw({ insertOne: { document: { _id: 403 } } });
    bulk.raw({ updateMany: { filter: { _id: 403 }, update: { $set: { raw: true } } } });
    bulk.raw({ deleteOne: { filter: { _id: 400 } } });
    await note('length and batches', [bulk.length, bulk.isOrdered, bulk.batches.length]);
    const result = await attempt('execute', () => bulk.execute());
    await note('raw', result.getRawResponse());
    await attempt('execute again', () => bulk.execute());
    await attempt('empty', () => orders.initializeOrderedBulkOp().execute());
    await attempt('no selector', () => orders.initializeOrderedBulkOp().find());
    await attempt('no operators', () => orders.initializeOrderedBulkOp().find({}).updateOne({ a: 1 }));
    await attempt('operators in a replacement', () => orders.initializeOrderedBulkOp().find({}).replaceOne({ $set: { a: 1 } }));
    await attempt('raw unknown', () => orders.initializeOrderedBulkOp().raw({ nope: 1 }));
    await attempt('raw null', () => orders.initializeOrderedBulkOp().raw(null));
    await attempt('insert of null', () => orders.initializeOrderedBulkOp().insert(null));
  },
  async down(db) {
    const bulk = db.collection('orders').initializeOrderedBulkOp();
    bulk.find({ _id: { $gte: 400 } }).delete();
    await bulk.execute();
  },
};

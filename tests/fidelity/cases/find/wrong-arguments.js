// Filters that are none.
const { observe } = require('../../support/observe.cjs');

module.exports = {
  async up(db) {
    const { attempt } = observe(db);
    const orders = db.collection('orders');
    for (const [label, filter] of Object.entries({
      null: null, undefined: undefined, text: 'x', number: 5, array: [], arrayOfOne: [{ _id: 1 }], true: true, function: () => {},
      regexp: /x/, date: new Date(0),
    })) {
      await attempt(`find ${label}`, async () => (await orders.find(filter).toArray()).length);
      await attempt(`findOne ${label}`, async () => (await orders.findOne(filter, { sort: { _id: 1 } }))?._id);
      await attempt(`countDocuments ${label}`, () => orders.countDocuments(filter));
    }
  },
};

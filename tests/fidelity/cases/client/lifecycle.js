// connect and close called by the script, as scripts do.
const { observe } = require('../../support/observe.cjs');

module.exports = {
  async up(db, client) {
    const { note } = observe(db);
    await note('connect gives the client', (await client.connect()) === client);
    await db.collection('orders').updateOne({ _id: 1 }, { $set: { connected: true } });
    await note('class', [client.constructor.name, typeof client.db, typeof client.options]);
  },
};

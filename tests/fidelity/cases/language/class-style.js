// The migration as an exported object made from a class.
class AddFlag {
  constructor() { this.field = 'flag'; }
  async up(db) { await db.collection('orders').updateMany({}, { $set: { [this.field]: true } }); }
  async down(db) { await db.collection('orders').updateMany({}, { $unset: { [this.field]: '' } }); }
}

module.exports = new AddFlag();

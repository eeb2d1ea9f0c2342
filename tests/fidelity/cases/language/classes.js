// Classes with private members, statics, accessors, inheritance.
import { observe } from '../../support/observe.js';

class Repository {
  static #made = 0;
  #collection;
  static { Repository.kind = 'repository'; }
  constructor(db, name) { this.#collection = db.collection(name); Repository.#made += 1; }
  static get made() { return Repository.#made; }
  get name() { return this.#collection.collectionName; }
  async #ids(filter) { return (await this.#collection.find(filter, { projection: { _id: 1 } }).sort({ _id: 1 }).toArray()).map(doc => doc._id); }
  async touch(filter) {
    const $set = { touched: this.constructor.name };
    for (const _id of await this.#ids(filter)) await this.#collection.updateOne({ _id }, { $set });
    return this;
  }
  has(other) { return #collection in other; }
}
class Orders extends Repository {
  constructor(db) { super(db, 'orders'); }
  async touch() { await super.touch({ status: 'paid' }); return this; }
}

export default async function up(db) {
  const { note } = observe(db);
  const orders = await new Orders(db).touch();
  await note('state', [orders.name, Repository.made, Repository.kind, orders.has(orders), orders.has({})]);
}

// Class instances, null prototypes, getters, Dates with toJSON: what counts is own enumerable data.
import { observe } from '../../support/observe.js';

class Point {
  #secret = 1;
  static shared = 2;
  constructor() { this.x = 1; }
  get y() { return 2; }
  toJSON() { return 'ignored'; }
}
class Sub extends Point { z = 3; }

export default async function up(db) {
  const { note } = observe(db);
  const things = db.collection('things');
  const bare = Object.create(null);
  bare.k = 1;
  const inherited = Object.create({ above: 1 }, { own: { value: 2, enumerable: true }, hidden: { value: 3 } });
  await things.insertOne({
    _id: 1, point: new Point(), sub: new Sub(), bare, inherited, error: new Error('gone'), set: new Set([1]),
    boxed: [Object('s'), Object(true), Object(1)],
    get computed() { return 4; }, args: (function f() { return arguments; })(1, 2), weak: new WeakMap(),
    frozen: Object.freeze({ f: 1 }), proxy: new Proxy({ p: 1 }, {}),
  });
  await note('stored', await things.findOne());
}

// CommonJS, and a package that finds out by itself what engine it runs in.
const _ = require('lodash');
const groupBy = require('lodash/groupBy');

module.exports = {
  async up(db) {
    const people = [{ name: 'Ada', age: 36 }, { name: 'Bob', age: 17 }, { name: 'Cid', age: 36 }];
    await db.collection('results').insertOne({
      _id: 'lodash',
      version: _.VERSION,
      byAge: groupBy(people, 'age'),
      chunks: _.chunk([1, 2, 3, 4, 5], 2),
      merged: _.merge({ a: { b: 1 } }, { a: { c: 2 } }),
      chained: _(people).filter(p => p.age > 18).map('name').join(', '),
      template: _.template('Hello <%= name %>!')({ name: 'Ada' }),
      cloned: _.isEqual(_.cloneDeep(new Map([['k', new Date(5)]])), new Map([['k', new Date(5)]])),
      isBuffer: _.isBuffer(Buffer.from('x')),
      debounced: typeof _.debounce(() => {}, 10),
      words: _.words('fred, barney, & pebbles'),
      startCase: _.startCase('--foo-bar--'),
      deburred: _.deburr('déjà vu'),
    });
  },
};

// exports.up and exports.down, with arrow functions and helpers.
const { observe } = require('../../support/observe.cjs');

const COLLECTION = 'orders';

exports.helper = () => 'not called';
exports.up = async function (db) {
  const { note } = observe(db);
  await note('module', [
    typeof module, typeof exports, typeof require, typeof __filename, typeof __dirname, module.exports === exports,
    this === module.exports,
  ]);
  await note('file', [__filename.endsWith('001_common-js-forms.js'), __filename.startsWith(__dirname)]);
  await db.collection(COLLECTION).updateOne({ _id: 1 }, { $set: { cjs: true } });
};
exports.down = db => db.collection(COLLECTION).updateOne({ _id: 1 }, { $unset: { cjs: '' } });

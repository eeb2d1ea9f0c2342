// RegExp values: flags, odd sources, as stored values and as queries.
import { BSONRegExp } from 'mongodb';
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const things = db.collection('things');
  const values = [
    /a/, /a/i, /a/m, /a/s, /a/g, /a/gi, /a/u, /a/y, /a/gimsuy, /a\/b/, new RegExp(''), new RegExp('/'), /[/]\n/,
    new BSONRegExp('x', 'im'), new BSONRegExp('x', 'mi'), new BSONRegExp('', ''),
  ];
  for (const [_id, value] of values.entries()) await attempt(`insert ${_id}`, () => things.insertOne({ _id, value }));
  await attempt('null byte', () => things.insertOne({ _id: 'nul', value: new RegExp('a\0b') }));
  await note('read', await things.find().toArray());
  const sticky = /a/g;
  sticky.lastIndex = 3;
  await things.insertOne({ _id: 'last', value: sticky });
  await note('lastIndex is kept', sticky.lastIndex);
}

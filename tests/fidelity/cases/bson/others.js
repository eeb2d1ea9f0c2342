// Timestamp, Code, DBRef, BSONRegExp, BSONSymbol, MinKey, MaxKey.
import { Timestamp, Code, DBRef, BSONRegExp, BSONSymbol, MinKey, MaxKey, Long, ObjectId } from 'mongodb';
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  await note('timestamp', [
    new Timestamp({ t: 1, i: 2 }).toString(), new Timestamp(5n).toString(), new Timestamp(Long.fromNumber(7)).toString(),
    Timestamp.fromBits(1, 2).toString(), new Timestamp({ t: 1, i: 2 }).toJSON(), new Timestamp({ t: 3, i: 4 }).t,
    new Timestamp({ t: 3, i: 4 }).i,
  ]);
  await attempt('wrong timestamp', () => new Timestamp({ t: -1, i: 0 }));
  await attempt('timestamp of a number', () => new Timestamp(5));
  await note('code', [new Code('x').toJSON(), new Code('x', { y: 1 }).toJSON(), new Code(function f() { return 1; }).code]);
  await note('ref', [
    new DBRef('c', 1).toJSON(), new DBRef('c', 1, 'd', { x: 1 }).toJSON(),
    new DBRef('db.c', new ObjectId('65f0a1b2c3d4e5f601234567')).collection,
  ]);
  await note('regexp', [new BSONRegExp('a', 'xi').options, BSONRegExp.parseOptions('mi')]);
  await attempt('wrong regexp options', () => new BSONRegExp('a', 'g'));
  await note('symbol', [`${new BSONSymbol('s')}`, new BSONSymbol('s').valueOf(), new BSONSymbol('s').toJSON()]);
  await db.collection('things').insertOne({
    _id: 1, ts: new Timestamp({ t: 1, i: 2 }), code: new Code('f()'), scoped: new Code('f()', { a: [1] }),
    ref: new DBRef('users', 1), ref2: new DBRef('users', 1, 'db', { more: 'x' }), re: new BSONRegExp('a', 'i'),
    sym: new BSONSymbol('s'), min: new MinKey(), max: new MaxKey(),
  });
  const doc = await db.collection('things').findOne();
  await note('read', doc);
  await db.collection('things').insertOne({ ...doc, _id: 2 });
  await note('range', await db.collection('things').countDocuments({ _id: { $gt: new MinKey(), $lt: new MaxKey() } }));
}

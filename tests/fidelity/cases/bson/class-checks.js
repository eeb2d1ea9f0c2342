// `_bsontype`, instanceof across imports, constructors' names, frozen enums.
// (With `import`, Node.js loads a second copy of bson; with `require` it is the driver's own.)
const fromDriver = require('mongodb');
const fromBson = require('bson');
const { observe } = require('../../support/observe.cjs');

exports.up = async function up(db) {
  const { note } = observe(db);
  const names = [
    'ObjectId', 'Long', 'Double', 'Int32', 'Decimal128', 'Binary', 'UUID', 'Timestamp', 'Code', 'DBRef', 'BSONRegExp',
    'BSONSymbol', 'MinKey', 'MaxKey',
  ];
  await note('types', names.map(name => [name, fromDriver[name].prototype._bsontype, fromDriver[name].name]));
  await note('both', names.map(name => typeof fromBson[name]));
  await note('across', [
    new fromBson.ObjectId('65f0a1b2c3d4e5f601234567') instanceof fromDriver.ObjectId, fromDriver.ObjectId === fromBson.ObjectId,
  ]);
  await note('enums', [
    fromDriver.BSONType.objectId, Object.keys(fromDriver.BSONType).length, fromDriver.ReturnDocument,
    fromDriver.ReadPreference.PRIMARY,
  ]);
  await note('spread', { ...new fromDriver.Int32(5) });
  await db.collection('things').insertOne({
    _id: 1, from: new fromBson.ObjectId('65f0a1b2c3d4e5f601234567'), long: fromBson.Long.fromNumber(2),
  });
};

// BSON values as query operands.
import { Double, Int32, Long, Decimal128, ObjectId } from 'mongodb';
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const types = db.collection('types');
  const ids = async filter => (await types.find(filter, { projection: { _id: 1 } }).sort({ _id: 1 }).toArray()).map(doc => doc._id);
  await note('5', await ids({ value: 5 }));
  await note('Double 5', await ids({ value: new Double(5) }));
  await note('7', await ids({ value: { $in: [7, new Int32(8), Long.fromNumber(8)] } }));
  await note('decimal', await ids({ value: Decimal128.fromString('1.5') }));
  await note('object id', await ids({ value: new ObjectId('65f0a1b2c3d4e5f601234567') }));
  await note('text of the id', await ids({ value: '65f0a1b2c3d4e5f601234567' }));
  await note('null', await ids({ value: null }));
  await note('date', await ids({ value: new Date('2022-02-02T02:02:02.222Z') }));
  await note('types', await ids({ value: { $type: ['int', 'long'] } }));
  await note('bigint', await ids({ value: { $gte: 9007199254740991n } }));
  await note('regexp', await ids({ value: /^te/ }));
}

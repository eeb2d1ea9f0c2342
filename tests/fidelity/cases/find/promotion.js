// promoteLongs, promoteValues, promoteBuffers, useBigInt64, bsonRegExp, raw, fieldsAsRaw on the operation.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt } = observe(db);
  const types = db.collection('types');
  const ids = { _id: { $in: [
    'double', 'wholeDouble', 'int', 'long', 'longBig', 'binary', 'binaryUser', 'uuid', 'regExp', 'regExpX', 'symbol', 'date',
    'objectId', 'decimal', 'document', 'array', 'true', 'string',
  ] } };
  const read = (label, options) => attempt(
    label,
    async () => Object.fromEntries((await types.find(ids, options).sort({ _id: 1 }).toArray()).map(({ _id, value }) => [_id, value]))
  );
  await read('default', {});
  await read('promoteLongs false', { promoteLongs: false });
  await read('promoteValues false', { promoteValues: false });
  await read('promoteBuffers', { promoteBuffers: true });
  await read('useBigInt64', { useBigInt64: true });
  await read('bsonRegExp', { bsonRegExp: true });
  await read('useBigInt64 without promoteLongs', { useBigInt64: true, promoteLongs: false });
  await attempt('findOne', () => types.findOne({ _id: 'long' }, { useBigInt64: true }));
  await attempt('distinct', () => types.distinct('value', { _id: 'long' }, { promoteLongs: false }));
  await attempt('aggregate', () => types.aggregate([{ $match: { _id: 'int' } }], { promoteValues: false }).toArray());
  await attempt('findOneAndUpdate', () => types.findOneAndUpdate(
    { _id: 'int' }, { $set: { seen: 1 } }, { promoteValues: false, returnDocument: 'after' }
  ));
  await attempt('command', async () => (await db.command(
    { find: 'types', filter: { _id: 'long' } }, { promoteLongs: false }
  )).cursor.firstBatch);
  await attempt('insertOne result', () => types.insertOne({ _id: 5 }, { promoteValues: false }));
  await attempt('update result', () => types.updateOne({ _id: 5 }, { $set: { a: 1 } }, { promoteValues: false }));
  await attempt('count', () => types.countDocuments({}, { promoteValues: false }));
  await attempt('delete result', () => types.deleteOne({ _id: 5 }, { useBigInt64: true }));
}

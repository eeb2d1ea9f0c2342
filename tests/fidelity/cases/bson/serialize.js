// BSON.serialize, deserialize and calculateObjectSize.
import { BSON } from 'mongodb';
import { serialize, deserialize, calculateObjectSize } from 'bson';
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const doc = await db.collection('users').findOne({ age: 36 });
  await note('size', [
    calculateObjectSize(doc), BSON.calculateObjectSize({ a: 1 }),
    calculateObjectSize({ a: undefined }, { ignoreUndefined: false }),
  ]);
  const bytes = serialize(doc);
  await note('bytes', [bytes.length, bytes instanceof Uint8Array]);
  await note('back', deserialize(bytes));
  await note('options', deserialize(BSON.serialize({ a: 1, b: 2n }), { promoteValues: false }));
  await attempt('too short', () => deserialize(new Uint8Array(3)));
  await attempt('wrong length', () => deserialize(Uint8Array.of(9, 0, 0, 0, 0)));
  await attempt('no object', () => serialize(5));
  await db.collection('users').updateMany({}, { $unset: { size: '' } });
  for await (const user of db.collection('users').find()) await db.collection('users').updateOne(
    { _id: user._id }, { $set: { size: calculateObjectSize(user) } }
  );
}

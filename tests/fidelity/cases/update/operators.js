// The update operators.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const users = db.collection('users');
  const ada = { name: 'Ada Lovelace' };
  await attempt('$set', () => users.updateOne(ada, { $set: { 'address.country': 'UK', title: 'Countess' } }));
  await attempt('$unset', () => users.updateOne(ada, { $unset: { active: '', 'address.zip': 1 } }));
  await attempt('$inc and $mul', () => users.updateOne(ada, { $inc: { age: 1, visits: 2.5 }, $mul: { height: 2 } }));
  await attempt('$min and $max', () => users.updateOne(ada, { $min: { low: 5 }, $max: { age: 50 } }));
  await attempt('$rename', () => users.updateMany({}, { $rename: { name: 'fullName', 'address.city': 'city' } }));
  await attempt(
    '$push',
    () => users.updateOne(
      { fullName: 'Ada Lovelace' }, { $push: { tags: { $each: ['a', 'b'], $position: 0, $slice: 3, $sort: 1 } } }
    )
  );
  await attempt('$addToSet', () => users.updateMany({}, { $addToSet: { tags: 'math' } }));
  await attempt('$pull', () => users.updateMany({}, { $pull: { tags: { $in: ['logic', 'graphs'] } } }));
  await attempt('$pullAll', () => users.updateMany({}, { $pullAll: { tags: ['a'] } }));
  await attempt('$pop', () => users.updateMany({}, { $pop: { tags: -1 } }));
  await attempt('$bit', () => users.updateOne({ fullName: 'Alan Turing' }, { $bit: { age: { and: 9 } } }));
  await attempt('$setOnInsert', () => users.updateOne(
    { _id: 'new' }, { $setOnInsert: { made: true }, $set: { email: 'new@example.com' } }, { upsert: true }
  ));
  await note('users', await users.find().sort({ email: 1 }).toArray());
}

export async function rollback(db) {
  await db.collection('users').updateMany({ fullName: { $exists: true } }, { $rename: { fullName: 'name' } });
}

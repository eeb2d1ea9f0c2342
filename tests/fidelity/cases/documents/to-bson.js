// Objects that say themselves what they are in the database.
import { Double } from 'mongodb';
import { observe } from '../../support/observe.js';

class Money {
  constructor(amount) { this.amount = amount; }
  toBSON() { return { cents: new Double(this.amount * 100) }; }
}

export default async function up(db) {
  const { note, attempt } = observe(db);
  const things = db.collection('things');
  await things.insertOne({
    _id: 1, price: new Money(5), list: [new Money(1)], inside: { toBSON() { return 'text'; } },
    gone: { toBSON() { return undefined; } }, nothing: { toBSON() { return null; } },
  });
  await attempt('toBSON on the document', () => things.insertOne({ toBSON() { return { _id: 2, from: 'toBSON' }; } }));
  await attempt('toBSON that gives no object', () => things.insertOne({ _id: 3, toBSON() { return 5; } }));
  await attempt('toBSON is no function', () => things.insertOne({ _id: 4, v: { toBSON: 5, x: 1 } }));
  await attempt('toBSON throws', () => things.insertOne({ _id: 5, v: { toBSON() { throw new Error('no'); } } }));
  await things.updateOne({ _id: 1 }, { $set: { other: new Money(7) } });
  await attempt('toBSON gives an array', () => things.insertOne({ _id: 7, v: { toBSON() { return [1, 2]; } } }));
  await things.deleteMany({ _id: { $type: 'objectId' } });
  await note('stored', await things.find().toArray());
}

export const rollback = db => db.collection('things').drop();

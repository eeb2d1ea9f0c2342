// Every type as read, then written back: what becomes of each.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const types = db.collection('types');
  const copy = db.collection('types_copy');
  for await (const doc of types.find().sort({ _id: 1 })) {
    await note(doc._id, doc);
    await copy.insertOne(doc);
  }
}

export async function rollback(db) {
  await db.collection('types_copy').drop();
}

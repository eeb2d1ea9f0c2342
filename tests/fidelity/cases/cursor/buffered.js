// bufferedCount and readBufferedDocuments.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { attempt, note } = observe(db);
  const cursor = db.collection('many').find({}, { batchSize: 10, sort: { _id: 1 }, projection: { _id: 1 } });
  await note('before', [cursor.bufferedCount(), cursor.readBufferedDocuments()]);
  await cursor.hasNext();
  await note('after hasNext', cursor.bufferedCount());
  await attempt('three', () => cursor.readBufferedDocuments(3));
  await note('left', cursor.bufferedCount());
  await attempt('rest', () => cursor.readBufferedDocuments());
  await attempt('next', () => cursor.next());
  await attempt('too many', () => cursor.readBufferedDocuments(100).length);
  await cursor.close();
  const mapped = db.collection('many').find({ _id: { $lt: 2 } }).map(doc => `#${doc._id}`);
  await mapped.hasNext();
  await attempt('mapped', () => mapped.readBufferedDocuments());
}

// dropDatabase of another database.
import { observe } from '../../support/observe.js';

export default async function up(db, client) {
  const { attempt, note } = observe(db);
  const other = client.db(`${db.databaseName}_temp`);
  await other.collection('x').insertOne({ _id: 1 });
  await attempt('drop', () => other.dropDatabase());
  await attempt('again', () => other.dropDatabase());
  await note('gone', (await other.listCollections().toArray()).length);
  await other.collection('again').insertOne({ _id: 1 });
}

// A validator refuses, and nobody catches.
export default async function up(db) {
  await db.collection('strict').insertOne({ _id: 5, name: 5 });
}

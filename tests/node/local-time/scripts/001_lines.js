import { lines } from '../lines.mjs';

export default async function up(db) {
  await db.collection('lines').insertOne({ lines: lines() });
}

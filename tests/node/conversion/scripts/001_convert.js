// Whimbrel's side: computes the lines and leaves them in the database, a thousand at a time.
import { lines } from '../both.js';

export default async function up(db) {
  const { from, to } = await db.collection('job').findOne();
  const all = lines(from, to);
  for (let at = 0; at < all.length; at += 1000) {
    await db.collection('lines').insertOne({ _id: at, lines: all.slice(at, at + 1000) });
  }
}

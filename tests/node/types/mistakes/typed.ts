// A collection whose documents have a type.
import type { Db, Filter, UpdateFilter, ClientSession, Nothing } from 'mongodb'; // 2305
import type { Migration, Up } from 'whimbrel';

interface User { name: string; age: number; tags: string[] }

export const filter: Filter<User> = { name: 5 }; // 2322
export const update: UpdateFilter<User> = { $set: { age: 'old' } }; // 2322
export const wrong: Up = async (db: string) => { console.log(db); }; // 2322

export const misspelt: Migration = { up: async () => {}, rolback: async () => {} }; // 2561

export async function up(db: Db, session: ClientSession): Promise<void> {
  const users = db.collection<User>('users');
  await users.insertOne({ name: 'a', age: 1 }); // 2345
  const user = await users.findOne({ age: { $gt: 'x' } }); // 2769
  console.log(user.name); // 18047
  const found = await users.findOne({});
  console.log(found?.nme); // 2551
  await users.insertOne({ name: 'a', age: 1, tags: [] }, { sesion: session }); // 2561
}

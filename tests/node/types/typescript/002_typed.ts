// A collection whose documents have a type, and the types people import.
import type {
  AnyBulkWriteOperation, ClientSession, Collection, CreateIndexesOptions, Db, Document, Filter, FindOptions, IndexDescription,
  OptionalId, UpdateFilter, UpdateResult, WithId, WithoutId,
} from 'mongodb';
import { ObjectId, ReturnDocument } from 'mongodb';
import type { Migration } from 'whimbrel';

interface User { _id: ObjectId; name: string; age?: number; tags: string[]; address: { city: string } }
interface Post { title: string; likes: number }

const filter: Filter<User> = { name: /^a/, tags: 'x', age: { $gt: 3, $in: [1, 2] }, 'address.city': 'B', $or: [{ name: 'b' }, { tags: { $size: 2 } }] };
const update: UpdateFilter<User> = { $set: { name: 'c', 'address.city': 'D' }, $push: { tags: 'e' }, $inc: { age: 1 }, $unset: { age: '' } };
const options: FindOptions = { sort: { name: 1 }, projection: { name: 1 }, limit: 3 };
const indexes: IndexDescription[] = [{ key: { name: 1 }, unique: true }, { key: { tags: 1, age: -1 }, name: 'tags' }];
const indexOptions: CreateIndexesOptions = { sparse: true };

async function tidy(users: Collection<User>, session?: ClientSession): Promise<UpdateResult<User>> {
  return users.updateMany(filter, update, { session });
}

const migration: Migration = {
  async up(db: Db) {
    const users = db.collection<User>('users');
    const found: WithId<User> | null = await users.findOne(filter, options);
    const id: ObjectId | undefined = found?._id;
    await users.insertOne({ _id: new ObjectId(), name: 'a', tags: [], address: { city: 'B' } });
    const posts = db.collection<Post>('posts');
    const post: OptionalId<Post> = { title: 't', likes: 0 };
    const { insertedId } = await posts.insertOne(post);
    const both: ObjectId[] = [insertedId, ...(id ? [id] : [])];
    const plain: WithoutId<User> = { name: 'b', tags: [], address: { city: 'C' } };
    await users.replaceOne({ _id: both[0] }, plain);
    const operations: AnyBulkWriteOperation<Post>[] = [
      { insertOne: { document: { title: 'u', likes: 1 } } }, { updateMany: { filter: { likes: { $lt: 2 } }, update: { $inc: { likes: 1 } } } },
    ];
    const { insertedCount } = await posts.bulkWrite(operations, { ordered: false });
    const titles: string[] = await posts.distinct('title');
    const after = await posts.findOneAndUpdate({ title: 'u' }, { $set: { likes: 2 } }, { returnDocument: ReturnDocument.AFTER });
    const likes: number = after?.likes ?? insertedCount;
    await users.createIndexes(indexes);
    await users.createIndex({ 'address.city': 1 }, indexOptions);
    const totals = await posts.aggregate<{ _id: string; n: number }>([{ $group: { _id: '$title', n: { $sum: 1 } } }]).toArray();
    const sum: number = totals.reduce((n, total) => n + total.n, likes);
    const explained: Document = await posts.find({}).explain();
    console.log(titles[0]?.length, sum, explained, (await tidy(users)).modifiedCount);
    for await (const user of users.find({ tags: { $all: ['a'] } })) console.log(user.tags.length, user._id.toHexString());
  },
  rollback: async db => { await db.collection('users').deleteMany({}); },
};

export default migration;
